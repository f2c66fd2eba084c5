import { expect, test } from "bun:test";
import type { PolicyDocument } from "../domain/decide/policy.ts";
import { carriedOver, parsePolicyText } from "./policy-text.ts";

const TEXT = `# Ours, since 2025.
version: 1
rules:
  # Two of everything.
  - { id: web, when: { group: web }, verdict: allow } # at night, too
  - id: data
    when:
      tag: stateful # asked for by Eva
    verdict: human
`;
const rulesOf = (change: (rules: PolicyDocument["rules"]) => PolicyDocument["rules"]): PolicyDocument => ({
  version: 1,
  rules: change(parsePolicyText(TEXT, "test").rules),
});

test("a rule that is added or changed by a program leaves people's comments where they were", () => {
  const added = { id: "learned-a", when: { repair: "a" }, verdict: "allow" as const, learned: true };
  const next = rulesOf(([web, data]) => [
    { ...web!, verdict: "human", reason: "asks people again", author: "user:anna" },
    data!,
    added,
  ]);
  expect(carriedOver(TEXT, next)).toBe(`# Ours, since 2025.
version: 1
rules:
  # Two of everything.
  - { id: web, when: { group: web }, verdict: human, reason: asks people again } # at night, too
  - id: data
    when:
      tag: stateful # asked for by Eva
    verdict: human
  - id: learned-a
    when:
      repair: a
    verdict: allow
    learned: true
`);
});

test("rules may go and change places", () => {
  const carried = carriedOver(
    TEXT,
    rulesOf(([web, data]) => [data!, web!]),
  );
  expect(parsePolicyText(carried, "test").rules.map(({ id }) => id)).toEqual(["data", "web"]);
  expect(carried).toContain("asked for by Eva");
  expect(parsePolicyText(carriedOver(TEXT, { version: 1, rules: [] }), "test").rules).toEqual([]);
});

test("a text that can't take the rules is written anew", () => {
  const next = rulesOf(([web]) => [web!]);
  expect(parsePolicyText(carriedOver("rules: {}\n", next), "test")).toEqual(next);
});
