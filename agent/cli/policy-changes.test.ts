import { expect, test } from "bun:test";
import { changesOf } from "./policy-changes.ts";

const rule = (id: string, verdict: "allow" | "human" | "deny" = "human") => ({
  id,
  when: { group: id },
  verdict,
});
const between = (from: ReturnType<typeof rule>[], to: ReturnType<typeof rule>[]) =>
  changesOf({ version: 1, rules: from }, { version: 1, rules: to }).map(({ id, kind }) => `${kind} ${id}`);

test("two versions differ by the rules that were added, removed, changed or moved", () => {
  expect(between([rule("a"), rule("b")], [rule("a"), rule("b")])).toEqual([]);
  expect(between([rule("a"), rule("b")], [rule("b", "deny"), rule("c")])).toEqual([
    "changed b",
    "added c",
    "removed a",
  ]);
  expect(between([rule("a"), rule("b")], [rule("b"), rule("a")])).toEqual(["moved b", "moved a"]);
});
