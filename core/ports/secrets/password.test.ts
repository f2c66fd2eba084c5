import { expect, test } from "bun:test";
import { createPasswords } from "./password.ts";

const passwords = createPasswords();

test("a password verifies against its own hash only", async () => {
  const hash = await passwords.hash("a long enough pass phrase");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(await passwords.verify("a long enough pass phrase", hash)).toBe(true);
  expect(await passwords.verify("a long enough pass phrasE", hash)).toBe(false);
});

test("a hash that can't be read is a plain no", async () => {
  expect(await passwords.verify("anything", "not a hash")).toBe(false);
  expect(await passwords.verify("anything", "")).toBe(false);
});

test("every caller in the line gets an answer, also after a failure", async () => {
  const hash = await passwords.hash("pass phrase of the line");
  const answers = await Promise.all(
    ["x", "pass phrase of the line", "", "pass phrase of the line", "y"].map((text) =>
      passwords.verify(text, hash),
    ),
  );
  expect(answers).toEqual([false, true, false, true, false]);
});
