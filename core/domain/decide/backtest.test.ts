import { expect, test } from "bun:test";
import { backtest, type PastDecision, summarize } from "./backtest.ts";
import type { PolicyRule } from "./policy.ts";
import { type ReasonCode, rule } from "./reasons.ts";

const AT = Date.parse("2026-11-22T12:00:00Z");
const voice = (reason: ReasonCode, by: string) => ({ ...rule(reason), at: AT, by });
const past = (change: Partial<PastDecision> = {}): PastDecision => ({
  id: "d",
  at: AT,
  node: "n",
  repair: "unit.restart",
  class: "R2",
  state: "approved",
  voices: [voice("no_rule", "policy"), voice("approved", "user:anna")],
  peopleNeeded: 1,
  reversible: true,
  hasEffects: true,
  subject: {
    repair: "unit.restart",
    class: "R2",
    problemType: "service.unhealthy",
    owner: "unit:nginx.service",
    group: "web",
    labels: {},
    tags: ["critical"],
    severity: "critical",
    at: AT,
    offsetMinutes: 0,
  },
  outcome: "verified",
  ...change,
});
const ALLOW: PolicyRule = { id: "web", when: { group: "web" }, verdict: "allow" };
const against = (rules: PolicyRule[], ...cases: PastDecision[]) => backtest({ version: 1, rules }, cases);
const REJECTED = {
  state: "rejected",
  voices: [voice("rejected", "user:anna")],
  outcome: "rejected",
} as const;

test("a rule that allows what a person approved and what held is fine, and spares that person", () => {
  const cases = against([ALLOW], past());
  expect(cases).toMatchObject([{ would: "allow", rule: "web", finding: null, by: "user:anna" }]);
  expect(summarize(cases)).toMatchObject({ cases: 1, spared: 1, ok: true, would: { allow: 1 } });
});

test("a rule that allows what a person rejected is found out", () => {
  const cases = against([ALLOW], past(REJECTED), past());
  expect(cases.map(({ finding }) => finding)).toEqual(["rejected", null]);
  expect(summarize(cases)).toMatchObject({ ok: false, findings: { rejected: 1 } });
});

test.each(["failed", "undone", "unknown"] as const)("a rule that allows what %s is found out", (outcome) => {
  expect(summarize(against([ALLOW], past({ outcome })))).toMatchObject({
    ok: false,
    findings: { failed: 1 },
  });
});

test("what only a rule rejected, or nobody answered, is no person's no", () => {
  const byRule = past({ ...REJECTED, voices: [voice("rule_denies", "rule:old")] });
  const unheard = past({ state: "expired", outcome: "expired", voices: [voice("undecided", "time")] });
  expect(summarize(against([ALLOW], byRule, unheard)).ok).toBe(true);
});

test("no rule allows what the gate keeps for people or forbids", () => {
  const words = against(
    [ALLOW],
    past({ class: "R3" }),
    past({ reversible: false }),
    past({ hasEffects: false }),
    past({ peopleNeeded: 2 }),
    past({ voices: [voice("shadow", "gate")] }),
    past({ voices: [voice("target_unknown", "gate")] }),
  ).map(({ would }) => would);
  expect(words.slice(0, 4)).toEqual(["human", "human", "human", "human"]);
  expect(words.slice(4)).not.toContain("allow");
});

test("what stood in the way for a while does not count: the rule would have spoken later", () => {
  expect(
    against([ALLOW], past({ voices: [voice("lease_taken", "gate"), voice("approved", "user:anna")] })),
  ).toMatchObject([{ would: "allow" }]);
});

test("a rule that denies what held is said, but does not stand against the policy", () => {
  const cases = against([{ ...ALLOW, verdict: "deny" }], past());
  expect(summarize(cases)).toMatchObject({ ok: true, findings: { stopped: 1 } });
});

test("a judge that may decide is counted apart from an allow", () => {
  const rule: PolicyRule = { ...ALLOW, verdict: "human", llm_may_decide: true };
  expect(against([rule], past(REJECTED))).toMatchObject([{ would: "judge", finding: null }]);
});
