/**
 * Every way in which an API answers and breaks, through the real client library over a real socket: a person is asked for the
 * right reason, and nothing hangs.
 */
import type { Clock, Decider } from "cortex";
import { type ReasonCode, REASONS } from "../../domain/decide/reasons.ts";
import type { EvalCase } from "./case.ts";
import { decide, type Labelled, labelled } from "./decide-case.ts";
import { exactResult, type TierResult } from "./result.ts";
import { sceneOf } from "./scene.ts";

/** Name of the fake's model → what has to come of its answer. */
const MODES: Readonly<Record<string, ReasonCode>> = {
  allow: "ok",
  human: "judge_doubts",
  deny: "judge_denies",
  unsure: "judge_doubts",
  refusal: "judge_refused",
  truncated: "judge_truncated",
  window: "judge_truncated",
  "unknown-stop": "judge_nonsense",
  paused: "judge_nonsense",
  empty: "judge_nonsense",
  "two-texts": "judge_nonsense",
  prose: "judge_nonsense",
  "half-json": "judge_nonsense",
  "extra-field": "judge_nonsense",
  "bad-enum": "judge_nonsense",
  "other-model": "judge_unproven",
  "no-such-model": "judge_unavailable",
  unauthorized: "judge_unavailable",
  forbidden: "judge_unavailable",
  "too-large": "judge_unavailable",
  "rate-limited": "judge_unavailable",
  "rate-limited-seconds": "judge_unavailable",
  "rate-limited-final": "judge_unavailable",
  broken: "judge_unavailable",
  "bad-gateway": "judge_unavailable",
  overloaded: "judge_unavailable",
  "cut-body": "judge_unavailable",
  "lost-body": "judge_unavailable",
  "slow-headers": "judge_timeout",
  "stalled-body": "judge_timeout",
};

/** Cases per mode: a few of each kind that reach a judge. */
const CASES = 4;
const DEADLINE_MS = 4000;
/** For what a busy machine adds. */
const GRACE_MS = 3000;

/** `open`: a judge of the real library, whose API is the fake one, asked for this model. */
export async function apiTier(
  cases: readonly EvalCase[],
  open: (model: string) => Decider,
  clock: Clock,
): Promise<TierResult> {
  const asked = chosen(cases);
  const ask = async (model: string, reason: ReasonCode, { id, situation }: Labelled) => {
    const { layer, verdict } = REASONS[reason];
    const started = clock.monotonic();
    const outcome = await decide(id, sceneOf(situation), open(model), { clock, deadlineMs: DEADLINE_MS });
    const ms = clock.monotonic() - started;
    return { id: `${model} ${id}`, expect: { layer, verdict, reason }, outcome, ms };
  };
  const checks = await Promise.all(
    Object.entries(MODES).flatMap(([model, reason]) => asked.map((one) => ask(model, reason, one))),
  );
  const result = exactResult("API that breaks", checks);
  for (const { id, ms } of checks.filter((one) => one.ms > DEADLINE_MS + GRACE_MS))
    result.findings.push({ id, what: "hung", detail: `${Math.round(ms)} ms` });
  return { ...result, slowestMs: Math.round(Math.max(0, ...checks.map(({ ms }) => ms))) };
}

/** Cases with and without text that anybody could have written, evenly out of those that reach a judge. */
function chosen(cases: readonly EvalCase[]): Labelled[] {
  const all = labelled(cases).filter(({ situation }) => situation.expect.layer === "llm");
  const step = Math.max(1, Math.floor(all.length / CASES));
  return all.filter((_, index) => index % step === 0).slice(0, CASES);
}
