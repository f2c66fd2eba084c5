import { expect, test } from "bun:test";
import { CortexError, type Decider, type JudgeAnswer } from "cortex";
import { DECIDE_CONFIG } from "../testing/decide-config.ts";
import { sampleCase } from "../testing/decider.contract.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createJudging } from "./judging.ts";

const answer = (change: Partial<JudgeAnswer> = {}): JudgeAnswer => ({
  verdict: "allow",
  reason: "ok",
  missingEvidence: [],
  confidence: 1,
  text: "",
  model: "model-a",
  requestId: null,
  tokensIn: 1,
  tokensOut: 1,
  costUsd: 0,
  ...change,
});
const judge = (name: string, ask: Decider["ask"], more: Partial<Decider> = {}): Decider => ({
  name,
  order: 1,
  maxCostUsd: 0,
  models: () => ["model-a"],
  ask,
  ...more,
});

function rig(judges: Decider[], change: { unproven?: string[]; spent?: number } = {}) {
  const clock = createTestClock();
  const judging = createJudging({
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    calls: { add() {}, spentSince: () => change.spent ?? 0, callsAbout: () => 0 },
    judges: () => judges,
    isProven: (name) => !(change.unproven ?? []).includes(name),
    config: () => ({ ...DECIDE_CONFIG.judge, dailyCapUsd: 1, twin: false }),
  });
  const lastWord = async () => (await judging.ask(sampleCase, null)).at(-1)!;
  return { clock, judging, lastWord };
}

test.each([
  ["model-a", "ok"],
  ["model-a-20261001", "ok"],
  ["model-a-large", "judge_unproven"],
  ["model-b", "judge_unproven"],
  ["", "judge_unproven"],
] as const)(
  "T79 a yes that comes from %p instead of the evaluated model comes to %s",
  async (model, reason) => {
    const { lastWord } = rig([judge("one", async () => answer({ model }))]);
    expect((await lastWord()).reason).toBe(reason);
  },
);

test("a no counts whichever model it comes from", async () => {
  const { lastWord } = rig([
    judge("one", async () => answer({ verdict: "deny", reason: "judge_denies", model: "model-b" })),
  ]);
  expect((await lastWord()).reason).toBe("judge_denies");
});

test("a judge that failed is left alone for a moment, then ready again with what went wrong, until an answer comes", async () => {
  let fails = true;
  const { clock, judging, lastWord } = rig([
    judge("one", async () => {
      if (fails) throw new CortexError("decider.timeout", "timeout", "late");
      return answer();
    }),
  ]);
  const standing = () => judging.standings()[0]!;
  expect(standing()).toMatchObject({ state: "ready", failure: null, restsUntil: null });
  expect((await lastWord()).reason).toBe("judge_timeout");
  expect(standing()).toMatchObject({
    state: "resting",
    restsUntil: clock.now() + 30_000,
    failure: { reason: "judge_timeout", at: clock.now() },
  });
  await clock.advance(30_001);
  expect(standing()).toMatchObject({ state: "ready", failure: { reason: "judge_timeout" } });
  fails = false;
  await lastWord();
  expect(standing()).toMatchObject({ state: "ready", failure: null });
});

test("an unproven model, and a budget that is used up, are told apart", () => {
  const one = judge("one", async () => answer());
  expect(rig([one], { unproven: ["one"] }).judging.standings()[0]?.state).toBe("unproven");
  expect(rig([one], { spent: 2 }).judging.standings()[0]?.state).toBe("capped");
});

test("judges stand in the order in which they are asked", () => {
  const { judging } = rig([
    judge("own", async () => answer(), { order: 50, isOwn: true }),
    judge("first", async () => answer(), { order: 10 }),
  ]);
  expect(judging.standings().map(({ decider, isOwn }) => [decider, isOwn])).toEqual([
    ["first", false],
    ["own", true],
  ]);
});
