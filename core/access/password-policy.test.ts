import { expect, test } from "bun:test";
import commonPasswords from "./common-passwords.txt" with { type: "text" };
import { passwordFault } from "./password-policy.ts";

const lines = commonPasswords.split("\n").filter((line) => line !== "");
const isTaken = (password: string, ...context: string[]) => passwordFault(password, context) === null;

test("15 characters of any kind are enough, 14 are not", () => {
  expect(isTaken("kq7 vepn zu!wdo")).toBe(true);
  expect(passwordFault("kq7 vepn zu!wd", [])).toMatchObject({
    rule: "short",
    text: expect.stringContaining("at least 15"),
  });
  // Characters, not UTF-16 units: these are 14.
  expect(isTaken("🐎🔋🧷✅🌍🎲🚲🧊🪁🥝🦔🧭🪗🛶")).toBe(false);
  expect(isTaken("🐎🔋🧷✅🌍🎲🚲🧊🪁🥝🦔🧭🪗🛶🏺")).toBe(true);
});

test("phrases of ordinary words are taken, in any script and without digits or signs", () => {
  for (const phrase of [
    "correct horse battery staple",
    "a good long pass phrase",
    "winter soup under a green lamp",
    "ein langer satz ohne zahlen",
    "春眠不觉晓处处闻啼鸟夜来风雨声",
    "ЖИЛБЫЛУБАБУШКИСЕРЕНЬКИЙ",
  ])
    expect([phrase, passwordFault(phrase, [])]).toEqual([phrase, null]);
});

test("256 characters are taken as they are, 257 are refused", () => {
  const long = Array.from({ length: 64 }, (_, at) => `${at.toString(36)}x${(at * 37) % 97}`)
    .join("")
    .padEnd(256, "!")
    .slice(0, 256);
  expect(isTaken(long)).toBe(true);
  expect(passwordFault(`${long}!`, [])).toMatchObject({
    rule: "long",
    text: expect.stringContaining("at most 256"),
  });
});

test("T65 none of the 5,000 most frequent leaked passwords that are long enough is taken", () => {
  expect(lines.length).toBeGreaterThanOrEqual(3000);
  for (const line of lines) expect(line.length).toBeGreaterThanOrEqual(15);
  expect(lines.filter((line) => isTaken(line))).toEqual([]);
  expect(lines.filter((line) => isTaken(line.toUpperCase()))).toEqual([]);
});

test("T65 one common word stays common however it is padded", () => {
  for (const password of [
    "Password1234567",
    "password12345678",
    "!!!!!!dragon!!!!!!",
    "passwordpassword",
    "Password1Password1",
    "abcabcabcabcabcabc",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnopqrstuvwxyz",
    "987654321098765432",
  ])
    expect([password, isTaken(password)]).toEqual([password, false]);
  // The same word beside something of one's own is fine.
  expect(isTaken("password k4u9-zqel-72bf")).toBe(true);
});

test("T65 names that a guesser knows do not count: the account, the host, the program", () => {
  expect(isTaken("ada.lovelace-2026", "ada.lovelace")).toBe(false);
  expect(isTaken("cortexcortexcortex!")).toBe(false);
  expect(isTaken("web-berlin-01 admin", "admin", "web-berlin-01.example.org")).toBe(false);
  expect(isTaken("web-berlin-01 admin", "ada")).toBe(true);
});

test("the rule that a password breaks is named", () => {
  const rules = [
    "short",
    "passwordpassword",
    "ada.lovelace-2026",
    "cortex and cortex",
    "Dragon!!2026!!!!",
    "abcabcxabcabcxabcabcx",
    "aaaabbbbaaaabbbb",
    "abcdefghijklmnopq",
    "correct horse battery staple",
  ].map((password) => passwordFault(password, ["ada.lovelace"])?.rule ?? null);
  expect(rules).toEqual(["short", "leaked", "name", "name", "word", "repeated", "repeated", "row", null]);
});
