import { expect, test } from "bun:test";
import { grantsFrom, shownGrants } from "./grants.ts";

test("a scope belongs to the role before it; a role without one is for the whole tree", () => {
  const raw = "anna --role operator --scope group:web --scope=label:site=fra --role viewer --json".split(" ");
  expect(grantsFrom(raw)).toEqual([
    { role: "operator", scope: "group:web" },
    { role: "operator", scope: "label:site=fra" },
    { role: "viewer", scope: "*" },
  ]);
  expect(shownGrants(grantsFrom(raw)!)).toBe("operator on group:web, operator on label:site=fra, viewer");
});

test("without a role nothing was said, and a scope alone is a mistake", () => {
  expect(grantsFrom(["anna", "--password-stdin"])).toBeUndefined();
  expect(() => grantsFrom(["anna", "--scope", "group:web"])).toThrow("needs a --role before it");
  expect(() => grantsFrom(["anna", "--role", "viewer", "--scope", "web"])).toThrow(
    "--scope web: must be * (everything), subtree:NODEID, label:KEY=VALUE or group:NAME",
  );
  expect(() => grantsFrom(["anna", "--role", "root"])).toThrow("--role root is no role");
});
