import { expect, test } from "bun:test";
import type { PastDecision } from "./backtest.ts";
import { demoted, proposeRules } from "./learning.ts";
import type { PolicyRule } from "./policy.ts";
import { type ReasonCode, rule } from "./reasons.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY_MS = 86_400_000;
const voice = (reason: ReasonCode, by = "user:anna") => ({ ...rule(reason), at: NOW, by });
let made = 0;
const yes = (change: Partial<PastDecision> = {}): PastDecision => ({
  id: `d${(made += 1)}`,
  at: NOW,
  node: "n",
  repair: "unit.restart",
  class: "R2",
  state: "approved",
  voices: [voice("approved")],
  peopleNeeded: 1,
  reversible: true,
  hasEffects: true,
  subject: {
    repair: "unit.restart",
    class: "R2",
    problemType: "service.unhealthy",
    owner: null,
    group: "web",
    labels: {},
    tags: [],
    severity: null,
    at: NOW,
    offsetMinutes: 0,
  },
  outcome: "verified",
  ...change,
});
const no = () => yes({ state: "rejected", voices: [voice("rejected")], outcome: "rejected" });
const learn = (past: PastDecision[], rules: PolicyRule[] = []) =>
  proposeRules({ version: 1, rules }, past, { least: 3, lifeMs: 90 * DAY_MS, now: NOW });

test("after enough times yes in a row, which all held, a rule is proposed with its cases; it ends by itself", () => {
  const cases = [yes(), yes(), yes()];
  expect(learn(cases.slice(1))).toEqual([]);
  expect(learn(cases)).toMatchObject([
    {
      rule: {
        id: "learned-allow-unit-restart-service-unhealthy-web",
        when: { repair: "unit.restart", problem: "service.unhealthy", group: "web" },
        verdict: "allow",
        learned: true,
        expires: new Date(NOW + 90 * DAY_MS).toISOString(),
      },
      cases: cases.map(({ id }) => id),
    },
  ]);
});

test("after enough times no a rule that denies is proposed", () => {
  expect(learn([no(), no(), no()])).toMatchObject([{ rule: { verdict: "deny" } }]);
});

test("a verdict the other way, or a repair that did not hold, begins the count anew", () => {
  expect(learn([yes(), yes(), no(), yes(), yes(), yes()])).toEqual([]);
  expect(learn([yes(), yes(), yes({ outcome: "undone" }), yes(), yes()])).toEqual([]);
});

test("only what people said counts, and only for the same repair, problem and group", () => {
  const byRule = yes({ voices: [voice("rule_allows", "rule:x")] });
  expect(learn([yes(), byRule, yes()])).toEqual([]);
  const db = yes({ subject: { ...yes().subject, group: "db" } });
  expect(learn([yes(), db, yes()])).toEqual([]);
});

test("no rule is proposed that could not allow anything: host level, two people, what can't be undone", () => {
  for (const change of [
    { class: "R3" },
    { peopleNeeded: 2 },
    { reversible: false },
    { hasEffects: false },
  ] as const)
    expect(learn([yes(change), yes(change), yes(change)])).toEqual([]);
});

test("where a rule speaks already, also one that keeps it for people, nothing is proposed", () => {
  const kept: PolicyRule = { id: "kept", when: { group: "web" }, verdict: "human" };
  expect(learn([yes(), yes(), yes()], [kept])).toEqual([]);
});

test("a learned rule asks people again when it failed; a rule of a person is not touched", () => {
  const [proposal] = learn([yes(), yes(), yes()]);
  const { rule: learned } = proposal!;
  const own: PolicyRule = { id: "own", when: { group: "db" }, verdict: "allow" };
  const policy = { version: 1 as const, rules: [own, learned] };
  const after = demoted(policy, learned.id, "it failed")!;
  expect(after.rules).toMatchObject([own, { id: learned.id, verdict: "human", reason: "it failed" }]);
  expect(demoted(after, learned.id, "again")).toBeNull();
  expect(demoted(policy, "own", "it failed")).toBeNull();
});
