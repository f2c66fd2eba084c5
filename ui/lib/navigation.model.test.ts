import { expect, test } from "bun:test";
import { loginPath, safeReturn } from "./navigation.model.ts";

test.each(["/", "/problems?state=resolved", "/nodes/n_abc?problem=1"])("%s may be returned to", (path) => {
  expect(safeReturn(path)).toBe(path);
});

test.each([
  undefined,
  "",
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil",
  "/login?to=/",
  "/setup",
])("%p leads home instead", (path) => {
  expect(safeReturn(path)).toBe("/");
});

test("the login keeps the way back, home needs none", () => {
  expect(loginPath("/problems?state=open")).toBe("/login?to=%2Fproblems%3Fstate%3Dopen");
  expect(loginPath("/")).toBe("/login");
});

test("the login says why somebody is out only when a session ended", () => {
  expect(loginPath("/problems", "idle")).toBe("/login?to=%2Fproblems&why=idle");
  expect(loginPath("/", "ended")).toBe("/login?why=ended");
});
