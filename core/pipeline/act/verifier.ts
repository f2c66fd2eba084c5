/**
 * Verify: a repair is done when the failing check says so, for as long as `verify.stable`; then the target is watched, and
 * a relapse within `verify.watch` turns a verified intent into a failed one (relapse.ts).
 */
import { type Clock, messageOf, type RepairRun, type Status } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { settleAttempt } from "../propose/attempts.ts";
import type { Candidate } from "../propose/candidates.ts";
import type { Judge } from "../propose/judge.ts";
import type { Intents } from "../intents.ts";
import type { Problems } from "../watch/problems.ts";
import { bounded } from "./steps.ts";

/** How often to look while waiting for stability: often enough to see a relapse, never busier than this. */
const SHORTEST_LOOK_MS = 100;

/** `gone`: there is no failing check or target any more, so nothing can be said; the intent has been ended. */
export type Verdict = "verified" | "failed" | "gone" | "stopped";

/** What a look at the target gave; null when the check gave no answer about it. */
export type Look = { status: Status; summary: string; certain: boolean } | null;

interface Extra {
  ok: boolean;
  answered: boolean;
  detail: string;
}

export interface Verifier {
  verify(
    intent: IntentRecord,
    candidate: Candidate | null,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<Verdict>;
}

export interface VerifierDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  judge: Judge;
  clock: Clock;
  mark: () => TimeMark;
  config: () => Config;
  /** Run the check now and answer the target's status. */
  lookNow: (problem: ProblemRecord) => Promise<Look>;
  signal: AbortSignal;
}

export function createVerifier(deps: VerifierDeps): Verifier {
  const { store, problems, intents, judge, clock } = deps;

  /** What the repair itself asks for besides the check; `answered: false` when that could not be measured. */
  async function extra(candidate: Candidate | null, run: RepairRun): Promise<Extra> {
    const nothing = { ok: true, answered: true, detail: "" };
    if (candidate === null) return nothing;
    const { repair } = candidate.registered;
    try {
      const asked = await bounded({ clock, signal: deps.signal }, (signal) =>
        repair.verify?.(candidate.params, candidate.plan, { ...run, signal }),
      );
      return asked === undefined ? nothing : { ...asked, answered: true };
    } catch (error) {
      return { ok: false, answered: false, detail: messageOf(error) };
    }
  }

  /** One transaction: a repair that held ends its attempt, its breaker and its problem together. */
  function succeed(
    intent: IntentRecord,
    candidate: Candidate | null,
    problem: ProblemRecord,
    summary: string,
  ): void {
    const at = clock.now();
    problems.together(() => {
      intents.addOutcome(intent.id, { step: "verify", ok: true, summary, at });
      intents.move(intent.id, "verified", { finishedAt: at, watchUntil: at + deps.config().verify.watch });
      settleAttempt(store, intent, "success", deps.mark());
      store.breakers.remove(problem.fingerprint);
      // What its record says of attempts and successes counts this one, too.
      const { state } = judge.guards(problem, candidate, { lockHolder: null, inTheWay: [] });
      problems.update(problem.id, { guards: { ...state, hold: null, holdText: null }, tell: false });
      problems.resolve(problem.id, `repaired by intent ${intent.id}`);
    });
  }

  /** The check or the target was taken away meanwhile: neither a success nor a reason to take anything back. */
  function endUnseen(intent: IntentRecord): void {
    const at = clock.now();
    const summary = "can't be verified: its check or its target is gone";
    store.transaction(() => {
      intents.addOutcome(intent.id, { step: "gone", ok: false, summary, at });
      intents.move(intent.id, "failed", { finishedAt: at });
      settleAttempt(store, intent, "interrupted", deps.mark());
    });
  }

  async function verify(
    intent: IntentRecord,
    candidate: Candidate | null,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<Verdict> {
    let goodSince: number | null = null;
    let lastGood = clock.monotonic();
    for (;;) {
      if (deps.signal.aborted) return "stopped";
      const seen = await deps.lookNow(problem);
      const more = seen?.status === "ok" ? await extra(candidate, run) : null;
      if (deps.signal.aborted) return "stopped";
      if (problems.get(problem.id)?.state !== "open") {
        endUnseen(intent);
        return "gone";
      }
      const { verify: limits } = deps.config();
      const now = clock.monotonic();
      const good = seen?.status === "ok" && more?.ok === true;
      if (good) {
        goodSince ??= now;
        lastGood = now;
      }
      // No answer is no news: neither a relapse nor a proof.
      const answered = seen !== null && seen.status !== "unknown" && more?.answered !== false;
      const relapsed = answered && !good && goodSince !== null;
      // Seen by event that it is bad: waiting would only keep the next attempt from it.
      const lost = answered && seen.status !== "ok" && seen.certain;
      if (relapsed || lost || now - lastGood >= limits.timeout) {
        const what = more?.ok === false ? more.detail : (seen?.summary ?? "the target is no longer reported");
        const how = relapsed ? "did not stay good" : lost ? "not good" : "not good within its time";
        const summary = `${how}: ${what}`;
        intents.addOutcome(intent.id, { step: "verify", ok: false, summary, at: clock.now() });
        return "failed";
      }
      if (good && goodSince !== null && now - goodSince >= limits.stable) {
        succeed(intent, candidate, problem, seen.summary);
        return "verified";
      }
      const look = Math.max(SHORTEST_LOOK_MS, Math.min(limits.interval, limits.stable / 4));
      const left = goodSince === null ? look : Math.min(look, limits.stable - (now - goodSince));
      try {
        await clock.sleep(Math.max(SHORTEST_LOOK_MS, left), deps.signal);
      } catch {
        return "stopped";
      }
    }
  }

  return { verify };
}
