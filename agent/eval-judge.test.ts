import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Decider } from "cortex";
import { apiTier } from "../core/decide/eval/api-tier.ts";
import { labelled } from "../core/decide/eval/decide-case.ts";
import {
  parseAnswers,
  questionHash,
  type RecordedAnswer,
  recordedTier,
  shippedAnswers,
} from "../core/decide/eval/recorded.ts";
import { isPass } from "../core/decide/eval/result.ts";
import { sceneOf } from "../core/decide/eval/scene.ts";
import { shippedCases } from "../core/decide/eval/set.ts";
import { createSystemClock } from "../core/ports/clock.ts";
import { openTrialJudges, type TrialJudges } from "./eval-judge.ts";

const cases = shippedCases();
let judges: TrialJudges;
beforeAll(() => {
  judges = openTrialJudges();
});
afterAll(() => judges.stop());

/** With the flag of golden files: every answer is bound to the question of today. Look at each one whose hash changed. */
function renewed(): void {
  const requests = new Map(labelled(cases).map(({ id, situation }) => [id, sceneOf(situation).request]));
  const lines = shippedAnswers().map((one) => {
    const request = requests.get(one.of)!;
    const blind = {
      ...request,
      quotes: request.quotes.map((quote) => ({ ...quote, text: "", template: "", length: 0 })),
    };
    const questions = [request, blind].map((asked) => questionHash(JSON.stringify(asked)));
    const { layer, verdict, reason } = one.expect;
    const replies = one.replies.map((reply, index) => ({ ...reply, question: questions[index]! }));
    return JSON.stringify({ ...one, replies, expect: `${layer}/${verdict}/${reason}` });
  });
  writeFileSync(join(import.meta.dir, "../core/decide/eval/answers.jsonl"), `${lines.join("\n")}\n`);
}
if (process.env["UPDATE_GOLDEN"] === "1") renewed();

test("T79 of every shape that a model's answer takes, the product makes what it has to", async () => {
  const result = await recordedTier(cases, judges.at);
  expect(result.findings).toEqual([]);
  expect(isPass(result)).toBe(true);
});

test("every case that a judge should let through or hold up has its right answer on record", () => {
  const right = new Set(shippedAnswers().flatMap(({ of, shape }) => (shape === "right" ? [of] : [])));
  const without = cases.filter(({ id, situation }) => situation.expect.layer === "llm" && !right.has(id));
  expect(without.map(({ id }) => id)).toEqual([]);
});

test("a question that is not the recorded one is a miss, and so is an answer that nobody asked for", async () => {
  const [first] = shippedAnswers();
  const stale: RecordedAnswer = {
    ...first!,
    replies: [{ question: "0".repeat(16), wrote: first!.replies[0]!.wrote }],
  };
  const result = await recordedTier(cases, judges.at, [stale]);
  expect(result.findings.map(({ what }) => what)).toContain("missed");
  expect(isPass(result)).toBe(false);
  const gone = await recordedTier(cases, judges.at, [{ ...first!, of: "ADV-999" }]);
  expect(gone.findings.map(({ what }) => what)).toEqual(["missed"]);
  expect(() => parseAnswers('{"of":"BEN-01"}')).toThrow("answer 1");
});

test("T79 however the API breaks, a person is asked for the right reason and nothing hangs", async () => {
  const result = await apiTier(cases, judges.atApi, createSystemClock());
  expect(result.findings).toEqual([]);
  expect(isPass(result)).toBe(true);
}, 30_000);

test("a client that takes a broken answer for a yes would be seen", async () => {
  const credulous = (model: string): Decider => ({
    ...judges.atApi(model),
    ask: async () => ({
      verdict: "allow",
      reason: "ok",
      missingEvidence: [],
      confidence: 1,
      text: "",
      model,
      requestId: null,
      tokensIn: 0,
      tokensOut: 0,
      costUsd: 0,
    }),
  });
  const result = await apiTier(cases, credulous, createSystemClock());
  expect(isPass(result)).toBe(false);
  expect(result.figures.unsafeAllowRate).toBe(1);
});
