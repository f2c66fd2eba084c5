import { expect, test } from "bun:test";
import { checkLogin } from "../login/login.model.ts";
import { checkSetup, linkState, tokenFrom } from "./setup.model.ts";

const good = { token: "t", name: "anna", password: "correct horse battery", again: "correct horse battery" };

test("a filled form has no issues", () => {
  expect(checkSetup(good)).toEqual({});
  expect(checkSetup({ ...good, name: "Ünal.b@example-1" })).toEqual({});
});

test.each([
  [{ token: " " }, { token: "tokenMissing" }],
  [{ name: "" }, { name: "nameMissing" }],
  [{ name: "two words" }, { name: "nameBad" }],
  [{ name: "-anna" }, { name: "nameBad" }],
  [{ password: "short", again: "short" }, { password: "passwordShort" }],
  [{ again: "correct horse" }, { again: "againDifferent" }],
] as const)("%j gives %j", (change, issues) => {
  expect(checkSetup({ ...good, ...change })).toEqual(issues);
});

test("length counts characters, not bytes", () => {
  expect(checkSetup({ ...good, password: "🐎".repeat(14), again: "🐎".repeat(14) })).toEqual({
    password: "passwordShort",
  });
});

test("a token is taken from a fragment, from a whole link or as it is", () => {
  expect(tokenFrom("#abc")).toBe("abc");
  expect(tokenFrom(" http://127.0.0.1:7600/setup#a%2Bb ")).toBe("a+b");
  expect(tokenFrom("abc")).toBe("abc");
  expect(tokenFrom("#%E0%A4%A")).toBe("%E0%A4%A");
  expect(tokenFrom("")).toBe("");
});

test("a login wants both fields", () => {
  expect(checkLogin({ name: " ", password: "" })).toEqual({
    name: "nameMissing",
    password: "passwordMissing",
  });
  expect(checkLogin({ name: "anna", password: "x" })).toEqual({});
});

test("a refusal tells whether the link was used or is too old; anything else says nothing about it", () => {
  expect(linkState("auth.setup_done")).toBe("used");
  expect(linkState("auth.setup_token")).toBe("old");
  expect(linkState("client.unreachable")).toBe("good");
});
