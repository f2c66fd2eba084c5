import { expect, test } from "bun:test";
import type { AutonomyGrant } from "../../data/types.ts";
import { atLeast, scopeText, sortGrants } from "./autonomy.model.ts";

const grant = (repair: string, change: Partial<AutonomyGrant> = {}) =>
  ({ repair, scope: "*", state: "act", by: "user:anna", ...change }) as AutonomyGrant;

test("a place is named as people name it", () => {
  const nameOf = (id: string) => (id === "n_a" ? "web-1" : undefined);
  expect(scopeText("*", nameOf, "everywhere")).toBe("everywhere");
  expect(scopeText("node:n_a", nameOf, "everywhere")).toBe("web-1");
  expect(scopeText("node:n_gone", nameOf, "everywhere")).toBe("n_gone");
  expect(scopeText("group:web", nameOf, "everywhere")).toBe("group:web");
});

test("a share that holds at least is never rounded up", () => {
  expect(atLeast(0.7999)).toBe(79);
});

test("what was lost by a bad outcome comes first, the rest by name", () => {
  const lost = grant("z.lost", { state: "ask", by: "cortex" });
  expect(sortGrants([grant("b"), grant("a"), lost]).map(({ repair }) => repair)).toEqual([
    "z.lost",
    "a",
    "b",
  ]);
});
