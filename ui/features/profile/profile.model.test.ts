import { expect, test } from "bun:test";
import type { FactorItem } from "../../data/types.ts";
import { addable, checkPassword, clientOf, isLastSecond, lacksBackup } from "./profile.model.ts";

const item = (id: string, kind: FactorItem["kind"]): FactorItem => ({
  id,
  kind,
  method: id,
  name: id,
  createdAt: "",
  lastUsedAt: null,
  about: {},
});
const METHODS = [
  { method: "totp", kind: "second", prompt: "code" },
  { method: "passkey", kind: "second", prompt: "webauthn" },
  { method: "recovery", kind: "backup", prompt: "code" },
] as const;
const names = (options: { method: string }[]) => options.map(({ method }) => method);

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Chrome",
    "Linux",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0",
    "Edge",
    "Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile Safari/604",
    "Safari",
    "iOS",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox", "macOS"],
  ["curl/8.10.1", "curl", null],
  ["", null, null],
])("the client %j is %s on %s", (userAgent, browser, system) =>
  expect(clientOf(userAgent)).toEqual({ browser, system }),
);

test("recovery codes can be added once there is something they stand in for, passkeys where the page may use them", () => {
  expect(names(addable([], METHODS, true))).toEqual(["totp", "passkey"]);
  expect(names(addable([item("totp", "second")], METHODS, false))).toEqual(["totp", "recovery"]);
});

test("the last second factor is told apart, and so is a lack of codes for the day it is lost", () => {
  const [totp, passkey, codes] = [
    item("totp", "second"),
    item("passkey", "second"),
    item("recovery", "backup"),
  ];
  expect(isLastSecond([totp, codes], totp)).toBe(true);
  expect(isLastSecond([totp, passkey], totp)).toBe(false);
  expect(isLastSecond([totp, codes], codes)).toBe(false);
  expect(lacksBackup([totp], METHODS)).toBe(true);
  expect(lacksBackup([totp, codes], METHODS)).toBe(false);
  expect(lacksBackup([], METHODS)).toBe(false);
});

test("a new password is asked for twice, with the old one", () => {
  expect(checkPassword({ current: "", next: "short", again: "" })).toEqual({
    current: "passwordMissing",
    next: "passwordShort",
  });
  const next = "correct horse battery";
  expect(checkPassword({ current: "x", next, again: "other" })).toEqual({ again: "againDifferent" });
  expect(checkPassword({ current: "x", next, again: next })).toEqual({});
});
