import { expect, test } from "bun:test";
import { grantOf, isIncomplete, rowOf, sameGrants } from "./grants.model.ts";

test("each kind of scope becomes a row and comes back as it was", () => {
  for (const scope of ["*", "group:web", "label:site=ams", "subtree:n_abc"])
    expect(grantOf(rowOf({ role: "operator", scope }))).toEqual({ role: "operator", scope });
});

test("a place that names nothing is incomplete, the whole tree never is", () => {
  expect(isIncomplete({ role: "viewer", place: "group", value: " " })).toBe(true);
  expect(isIncomplete({ role: "viewer", place: "label", value: "site=" })).toBe(true);
  expect(isIncomplete({ role: "viewer", place: "label", value: "site=ams" })).toBe(false);
  expect(isIncomplete({ role: "viewer", place: "tree", value: "" })).toBe(false);
});

test("the order of grants does not make them different", () => {
  const a = { role: "viewer", scope: "*" } as const;
  const b = { role: "operator", scope: "group:web" } as const;
  expect(sameGrants([a, b], [b, a])).toBe(true);
  expect(sameGrants([a], [b])).toBe(false);
});
