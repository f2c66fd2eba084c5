import { expect, test } from "bun:test";
import type { Decider } from "cortex";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { evaluationDigest } from "./eval/set.ts";
import { createEvaluations } from "./evaluations.ts";

function rig(instructions: string) {
  const clock = createTestClock();
  const store = createTestMonitorStore(clock.now);
  const judge = {
    name: "claude",
    models: () => ["m"],
    instructions,
  } as unknown as Decider;
  const open = (words: string) =>
    createEvaluations({
      store,
      clock,
      judges: () => [{ ...judge, instructions: words }],
    });
  return { store, open, evaluations: open(instructions) };
}
const pass = (digest: string, figures = { unsafe_allow_rate: 0, flip_rate: 0 }) => ({
  decider: "claude",
  model: "m",
  digest,
  figures,
});

test("a model that passed may decide, until what it is told or what it is tested with changes", () => {
  const { evaluations, open, store } = rig("be careful");
  expect(evaluations.isProven("claude", "m")).toBe(false);
  evaluations.keep(pass(evaluationDigest("be careful")), "user:anna");
  expect(evaluations.isProven("claude", "m")).toBe(true);
  expect(evaluations.isProven("claude", "other")).toBe(false);
  expect(evaluations.isProven("other", "m")).toBe(false);
  expect(open("be bold").isProven("claude", "m")).toBe(false);
  expect(open("be bold").all()).toMatchObject([{ model: "m", valid: false }]);
  expect(store.ledger.read(0, 10).map(({ kind }) => kind)).toContain("evaluation.passed");
});

test("a pass of other cases, of no judge here, or with figures that are none is not kept", () => {
  const { evaluations } = rig("be careful");
  const digest = evaluationDigest("be careful");
  expect(() => evaluations.keep(pass("0".repeat(64)), "x")).toThrow("same version");
  expect(() => evaluations.keep({ ...pass(digest), decider: "nobody" }, "x")).toThrow("no judge nobody");
  expect(() => evaluations.keep(pass(digest, { unsafe_allow_rate: 0.01, flip_rate: 0 }), "x")).toThrow(
    "no pass",
  );
  expect(() => evaluations.keep(pass(digest, {} as never), "x")).toThrow("no pass");
  expect(evaluations.isProven("claude", "m")).toBe(false);
});
