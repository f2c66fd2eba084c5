import { expect, test } from "bun:test";
import { type JudgeStanding, ladderOf } from "./ladder.ts";
import { policyDocument } from "./policy.ts";

const NOW = Date.UTC(2026, 9, 20, 10);
const judge = (decider: string, more: Partial<JudgeStanding> = {}): JudgeStanding => ({
  decider,
  models: ["m"],
  isOwn: false,
  state: "ready",
  text: "",
  restsUntil: null,
  failure: null,
  ...more,
});
const policy = policyDocument.parse({
  version: 1,
  rules: [
    { id: "cleaners", when: { repair: "fs.*" }, verdict: "allow" },
    { id: "old", when: { repair: "x" }, verdict: "allow", expires: "2026-10-01T00:00:00Z" },
    { id: "web", when: { group: "web" }, verdict: "human", llm_may_decide: true },
    { id: "db", when: { group: "db" }, verdict: "human" },
  ],
});
const rungWith = (...states: JudgeStanding["state"][]) =>
  ladderOf(
    [
      judge("claude", { state: states[0]! }),
      judge("second", { state: states[1]! }),
      judge("own", { state: states[2]!, isOwn: true }),
    ],
    policy,
    NOW,
  ).rung;

test("it goes down one rung after the other, and ends with rules and people", () => {
  expect(rungWith("ready", "ready", "ready")).toBe("primary");
  expect(rungWith("resting", "ready", "ready")).toBe("fallback");
  expect(rungWith("capped", "unproven", "ready")).toBe("local");
  expect(rungWith("capped", "unproven", "resting")).toBe("rules");
  expect(ladderOf([], policy, NOW).rung).toBe("rules");
});

test("a judge of one's own is local even when it is the only one", () => {
  expect(ladderOf([judge("own", { isOwn: true })], policy, NOW).rung).toBe("local");
});

test("rules that allow hold on every rung, those that let a judge decide ask people while none is ready", () => {
  const up = ladderOf([judge("claude")], policy, NOW).without;
  expect(up).toEqual({ rules: ["cleaners"], judged: ["web"], judgesAnswer: true });
  const down = ladderOf([judge("claude", { state: "resting" })], policy, NOW).without;
  expect(down).toEqual({ rules: ["cleaners"], judged: ["web"], judgesAnswer: false });
});
