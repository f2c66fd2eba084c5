import { expect, test } from "bun:test";
import { sampleProblem } from "../../../core/testing/wire-samples.ts";
import { heldBy } from "./problems.ts";

const held = (change: Parameters<typeof sampleProblem>[1]) => {
  const { guards, ...body } = sampleProblem(0, change);
  const hold = { hold: "waits_for_decision", holdText: "a decision is needed" } as const;
  return heldBy({ ...body, guards: { ...guards, ...hold }, node: "n", nodeName: "vm" } as Parameters<
    typeof heldBy
  >[0]);
};

test("what holds a repair back is told while the problem is open, and not after", () => {
  expect(held({})).toBe("a decision is needed");
  expect(held({ state: "resolved" })).toBeNull();
});

test("nothing is held where nothing holds", () => {
  const nothing = { ...sampleProblem(0), node: "n", nodeName: "vm" };
  expect(heldBy(nothing)).toBeNull();
});
