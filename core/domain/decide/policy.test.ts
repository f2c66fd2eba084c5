import { describe, expect, test } from "bun:test";
import { applyRules, policyDocument, type PolicyRule, policyWarnings, type RuleSubject } from "./policy.ts";

const SUNDAY_NOON = Date.parse("2026-11-22T12:00:00Z");
const subject: RuleSubject = {
  repair: "unit.restart",
  class: "R2",
  problemType: "service.unhealthy",
  owner: "unit:nginx.service",
  group: "web",
  labels: { site: "ams", role: "front" },
  tags: ["critical"],
  severity: "critical",
  at: SUNDAY_NOON,
  offsetMinutes: 0,
};
const decide = (rules: PolicyRule[], change: Partial<RuleSubject> = {}) =>
  applyRules({ version: 1, rules }, { ...subject, ...change });

test("without a rule a person decides, and no model may", () => {
  expect(decide([])).toMatchObject({ ruling: { reason: "no_rule", verdict: "human" }, llmMayDecide: false });
});

test("the first rule that matches speaks", () => {
  const verdict = decide([
    { id: "db", when: { group: "db" }, verdict: "deny" },
    { id: "web", when: { group: "w*", repair: "unit.*" }, verdict: "human", llm_may_decide: true, people: 2 },
    { id: "all", when: { class: ["R2"] }, verdict: "allow" },
  ]);
  expect(verdict).toMatchObject({
    ruling: { reason: "rule_asks" },
    llmMayDecide: true,
    people: 2,
    rule: { id: "web" },
  });
});

test("a judge may only stand in for a person, never for a rule that denies or allows", () => {
  expect(
    decide([{ id: "a", when: { group: "web" }, verdict: "deny", llm_may_decide: true }]).llmMayDecide,
  ).toBe(false);
});

test("an empty condition matches nothing", () => {
  expect(decide([{ id: "a", when: {}, verdict: "allow" }]).rule).toBeNull();
});

test("T55 a condition on labels that names none matches nothing", () => {
  expect(decide([{ id: "a", when: { label: {} }, verdict: "allow" }]).rule).toBeNull();
});

test("a rule that can never speak, or a permission without effect, is warned of", () => {
  const rules: PolicyRule[] = [
    { id: "a", when: {}, verdict: "allow" },
    { id: "b", when: { label: {} }, verdict: "human" },
    { id: "c", when: { group: "web", hours: "22:00-22:00" }, verdict: "allow", llm_may_decide: true },
    { id: "d", when: { group: "web", hours: "22:00-06:00" }, verdict: "human", llm_may_decide: true },
  ];
  expect(policyWarnings({ version: 1, rules }).map(({ path }) => path.join("."))).toEqual([
    "rules.0.when",
    "rules.1.when",
    "rules.2.when.hours",
    "rules.2.llm_may_decide",
  ]);
});

test("an expired rule is silent", () => {
  const rule: PolicyRule = {
    id: "a",
    when: { group: "web" },
    verdict: "allow",
    expires: "2026-11-22T11:59:59Z",
  };
  expect(decide([rule]).rule).toBeNull();
  expect(decide([{ ...rule, expires: "2026-11-22T12:00:01Z" }]).rule?.id).toBe("a");
});

describe("times", () => {
  const night: PolicyRule = { id: "n", when: { hours: "22:00-06:00", days: ["sat"] }, verdict: "allow" };
  const at = (iso: string, offsetMinutes = 0) =>
    decide([night], { at: Date.parse(iso), offsetMinutes }).rule !== null;
  test("a span over midnight belongs to the day on which it begins", () => {
    expect(at("2026-11-21T22:00:00Z")).toBe(true);
    expect(at("2026-11-22T05:59:00Z")).toBe(true);
    expect(at("2026-11-22T06:00:00Z")).toBe(false);
    expect(at("2026-11-22T23:00:00Z")).toBe(false);
    expect(at("2026-11-21T05:00:00Z")).toBe(false);
  });
  test("hours are local", () => expect(at("2026-11-21T21:30:00Z", 60)).toBe(true));
});

test("all labels must be there", () => {
  const rule: PolicyRule = { id: "a", when: { label: { site: "ams", role: "back" } }, verdict: "allow" };
  expect(decide([rule]).rule).toBeNull();
});

test("a document with an unknown key, a bad id or two rules of one name is refused", () => {
  const rule = { id: "a", when: { group: "web" }, verdict: "allow" };
  for (const rules of [
    [{ ...rule, then_what: 1 }],
    [{ ...rule, id: "A b" }],
    [rule, rule],
    [{ ...rule, verdict: "yes" }],
  ])
    expect(policyDocument.safeParse({ version: 1, rules }).success).toBe(false);
  expect(policyDocument.safeParse({ version: 1, rules: [rule] }).success).toBe(true);
});
