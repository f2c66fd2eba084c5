import { expect, test } from "bun:test";
import type { LadderItem } from "../../data/types.ts";
import { changesAt, stepsOf, withoutPeople } from "./ladder.model.ts";
import { text } from "./texts.ts";

const en = text();
const judge: LadderItem["judges"][number] = {
  decider: "claude",
  models: ["claude-haiku-5-5"],
  rung: "primary",
  state: "ready",
  text: "",
  restsUntil: null,
  failure: null,
};
const failure = {
  reason: "judge_timeout",
  text: "the judge did not answer in time",
  at: "2026-10-20T10:00:00.000Z",
};
const ladder = (judges: LadderItem["judges"], change: Partial<LadderItem> = {}): LadderItem => ({
  rung: "primary",
  judges,
  without: { rules: [], judged: [], judgesAnswer: true },
  budget: { spentUsd: 0, capUsd: 5 },
  ...change,
});

test("without a judge, rules and people are the one step, and they decide now", () => {
  expect(stepsOf(ladder([], { rung: "rules" }), en)).toMatchObject([
    { who: "Rules and people", isNow: true },
  ]);
});

test("the first judge that is ready is the one that is asked now; why another is not is said", () => {
  const steps = stepsOf(
    ladder([
      { ...judge, state: "resting", restsUntil: "2026-10-20T10:00:30.000Z", failure },
      { ...judge, decider: "openai-compatible", rung: "local" },
    ]),
    en,
  );
  expect(steps.map(({ isNow }) => isNow)).toEqual([false, true, false]);
  expect(steps[0]).toMatchObject({
    look: { word: "Paused" },
    why: "A moment ago it did not answer in time; it is asked again shortly.",
  });
});

test("a model that passed no evaluation comes with the command that puts it to one", () => {
  const [step] = stepsOf(ladder([{ ...judge, state: "unproven" }]), en);
  expect(step?.why).toContain("cortex eval --decider claude --model claude-haiku-5-5");
});

test("what is repaired without a person shrinks when no judge can be asked", () => {
  const rules = { rules: ["cleaners"], judged: ["web"] };
  const up = withoutPeople(ladder([judge], { without: { ...rules, judgesAnswer: true } }), en);
  const down = withoutPeople(ladder([judge], { without: { ...rules, judgesAnswer: false } }), en);
  expect(up.slice(0, 2)).toEqual(down.slice(0, 2));
  expect(up[2]).toContain("What the judge allows");
  expect(down[2]).toContain("people are");
});

test("it is looked at again when the first judge that rests may be asked", () => {
  expect(changesAt(ladder([judge]))).toBeNull();
  const at = (restsUntil: string) => ({ ...judge, restsUntil });
  expect(changesAt(ladder([at("2026-10-20T10:00:30.000Z"), at("2026-10-20T10:00:20.000Z")]))).toBe(
    Date.UTC(2026, 9, 20, 10, 0, 20),
  );
});
