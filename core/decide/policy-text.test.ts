import { expect, test } from "bun:test";
import type { PolicyDocument } from "../domain/decide/policy.ts";
import { carriedOver, parsePolicyText, readPolicyText } from "./policy-text.ts";

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

const lines = (found: readonly { line: number | null; path: string; message: string }[]) =>
  found.map(({ line, path, message }) => `${line} ${path}: ${message}`);

test("a name that stands there twice is told with the other mistakes, at its own line", () => {
  const text = `version: 1
rules:
  - { id: web, when: { group: web }, verdict: perhaps }
  - { id: Web, when: { grup: web }, verdict: allow }
  - { id: web, when: { hours: late }, verdict: allow }
`;
  expect(lines(readPolicyText(text, "test").problems!)).toEqual([
    "3 rules[0].verdict: must be one of allow, human, deny",
    "4 rules[1].id: must be a name in kebab-case, such as web-at-night",
    '4 rules[1].when.grup: unknown key "grup"; did you mean "group"?',
    "5 rules[2].id: the rule in line 3 has this name, too; give each its own",
    "5 rules[2].when.hours: must be two times of day, such as 22:00-06:00",
  ]);
});

test("a rule that can never speak is warned of at its own line, and is no mistake", () => {
  const { document, warnings } = readPolicyText(
    "version: 1\nrules:\n  - id: all\n    when: {}\n    verdict: allow\n",
    "test",
  );
  expect(document?.rules).toHaveLength(1);
  expect(lines(warnings)).toEqual([
    "4 rules[0].when: names nothing, which fits nothing: this rule never speaks; say what it is for",
  ]);
});

test("what a rule may not say is answered with what it may, in words", () => {
  const text =
    "version: 1\nrules:\n  - id: a\n    when: { repair: '', label: { x: 3 } }\n    verdict: maybe\n    people: 1.5\n    expires: soon\n";
  expect(readPolicyText(text, "policy").problems?.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    "rules[0].when.repair: must not be empty",
    "rules[0].when.label.x: must be text, not a number",
    "rules[0].verdict: must be one of allow, human, deny",
    "rules[0].people: must be a whole number",
    "rules[0].expires: must be a time such as 2027-01-31T18:00:00Z",
  ]);
});
