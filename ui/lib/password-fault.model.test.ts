import { expect, test } from "bun:test";
import { en } from "../texts/en/frame.ts";
import { passwordFieldOf } from "./password-fault.model.ts";

test("the rule that a password breaks stands beside its field, in words for each rule", () => {
  const codes = ["short", "long", "leaked", "name", "word", "repeated", "row"].map(
    (rule) => `auth.password_${rule}`,
  );
  expect(codes.map(passwordFieldOf)).toEqual(codes.map(() => "new"));
  expect(new Set(codes.map((code) => en.errors[code])).size).toBe(codes.length);
  expect(codes.filter((code) => en.errors[code] === undefined)).toEqual([]);
});

test("a wrong old password stands beside the old one, anything else under the form", () => {
  expect(["auth.password_wrong", "auth.name_taken", "auth.password_"].map(passwordFieldOf)).toEqual([
    "current",
    null,
    null,
  ]);
});
