/**
 * Recorded answers: what a model wrote about a case, played back through the real client library, and what the product has to
 * make of it. `answers.jsonl` was written by hand: no model was asked online for it. Each line is of one shape that answers
 * of models take (see `SHAPES`), and is bound to the exact question by a hash, so that a case that changes is a miss and its
 * answers are looked at again. What is not in here, on purpose: a wrong yes that nothing measured speaks against. Nothing
 * but the evaluation of the model itself can find that.
 */
import type { Decider, Fetch } from "cortex";
import * as z from "zod";
import { sha256Hex } from "../../domain/ledger.ts";
import answers from "./answers.jsonl" with { type: "text" };
import { type EvalCase, expectation } from "./case.ts";
import { decide, labelled } from "./decide-case.ts";
import { message, questionOf } from "./messages-api.ts";
import { type Checked, exactResult, type Finding, type TierResult } from "./result.ts";
import { sceneOf } from "./scene.ts";

const SHAPES = [
  "right",
  "hesitant",
  "wrong",
  "truncated",
  "over-confident",
  "talked-over",
  "contradictory",
  "decorated",
  "refused",
] as const;

const reply = z.strictObject({
  /** Start of the SHA-256 of the question, hex. */
  question: z.string().regex(/^[0-9a-f]{16}$/),
  /** What the model wrote: an object that it wrote as JSON, or the very text. */
  wrote: z.union([z.string(), z.record(z.string(), z.unknown())]),
  stop: z.string().optional(),
});

const line = z.strictObject({
  /** Of the case; `ADV-236 clean` for its clean twin. */
  of: z.string(),
  shape: z.enum(SHAPES),
  /** In the order in which they are asked: with untrusted text, then without. */
  replies: z.array(reply).min(1).max(2),
  expect: expectation,
});
export type RecordedAnswer = z.output<typeof line>;

/** Throws with the line's number at the first that does not fit. */
export const shippedAnswers = (): RecordedAnswer[] => parseAnswers(answers);

export const parseAnswers = (jsonl: string): RecordedAnswer[] =>
  jsonl
    .split("\n")
    .filter((one) => one.trim() !== "")
    .map((one, index) => {
      const parsed = line.safeParse(JSON.parse(one));
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw new Error(`answer ${index + 1}: ${issue?.path.join(".")}: ${issue?.message}`);
    });

export const questionHash = (question: string): string => sha256Hex(question).slice(0, 16);

/** `open`: the judge whose library comes to this fetch. Answers of cases that are not in the set count as missed. */
export async function recordedTier(
  cases: readonly EvalCase[],
  open: (fetch: Fetch) => Decider,
  recorded: readonly RecordedAnswer[] = shippedAnswers(),
): Promise<TierResult> {
  const situations = new Map(labelled(cases).map(({ id, situation }) => [id, situation]));
  const checks: Checked[] = [];
  const missed: Finding[] = [];
  const miss = (id: string, detail: string) => void missed.push({ id, what: "missed", detail });
  for (const { of, shape, replies, expect } of recorded) {
    const id = `${of} ${shape}`;
    const situation = situations.get(of);
    if (situation === undefined) {
      miss(id, "there is no such case");
      continue;
    }
    const player = createPlayer(replies, (detail) => miss(id, detail));
    const outcome = await decide(id, sceneOf(situation), open(player.fetch));
    for (const { question } of player.unasked()) miss(id, `${question} was never asked`);
    checks.push({ id, expect, outcome });
  }
  const result = exactResult("recorded answers", checks);
  result.findings.push(...missed);
  return result;
}

function createPlayer(replies: RecordedAnswer["replies"], onMiss: (detail: string) => void) {
  const left = [...replies];
  const fetch: Fetch = async (_, options = {}) => {
    const body = JSON.parse(String(options.body)) as Record<string, unknown>;
    const hash = questionHash(questionOf(body));
    const index = left.findIndex(({ question }) => question === hash);
    if (index < 0) onMiss(`no answer is recorded for ${hash}`);
    const [found] = index < 0 ? [] : left.splice(index, 1);
    if (found === undefined) return { status: 404, headers: {}, body: "{}", durationMs: 0 };
    const answer = message(String(body["model"]), {
      json: found.wrote,
      ...(found.stop === undefined ? {} : { stop: found.stop }),
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
      durationMs: 0,
    };
  };
  return { fetch, unasked: () => left };
}
