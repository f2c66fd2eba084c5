import { expect, test } from "bun:test";
import { wrongWithPerson } from "./person.model.ts";

const PHRASE = "correct horse battery staple";

test("somebody new needs a name that fits and a password that is long enough", () => {
  expect(wrongWithPerson({ name: " ", password: "" }, true)).toEqual({
    name: "nameMissing",
    password: "passwordShort",
  });
  expect(wrongWithPerson({ name: "-x", password: PHRASE }, true)).toEqual({ name: "nameBad" });
  expect(wrongWithPerson({ name: "bo", password: PHRASE }, true)).toEqual({});
});

test("somebody known keeps the password unless a new one is typed", () => {
  expect(wrongWithPerson({ name: "bo", password: "" }, false)).toEqual({});
  expect(wrongWithPerson({ name: "bo", password: "short" }, false)).toEqual({ password: "passwordShort" });
});
