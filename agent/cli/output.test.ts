import { expect, test } from "bun:test";
import { escapeInJson } from "cortex";
import { printable, table } from "./output.ts";

/** A clipboard write (OSC 52), a C1 control sequence, a carriage return, a bidi override, a window title. */
const HOSTILE = [
  "a\x1b]52;c;cm0gLXJmIC8=\x07b",
  "a\x9b31mb",
  "ok\rroot@host",
  "gpj\u202Eexe",
  "\x1b]0;title\x1b\\\\",
];
// oxlint-disable-next-line no-control-regex
const STEERS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

test("T76 nothing that a host says steers the terminal of who reads it", () => {
  for (const text of HOSTILE) {
    const shown = printable(table(["NAME", "SUMMARY"], [["x", text]]), false);
    expect(shown).not.toMatch(STEERS);
    expect(shown.split("\n")).toHaveLength(2);
    expect(printable(text, true).replaceAll("\x1b[31m", "")).not.toMatch(STEERS);
  }
});

test("T76 printed JSON holds no control characters and stays the same data", () => {
  const value = { HOSTILE, nested: [{ [HOSTILE[3]!]: 1 }] };
  const text = escapeInJson(JSON.stringify(value, null, 2));
  expect(text).not.toMatch(STEERS);
  expect(JSON.parse(text)).toEqual(value);
});

test("line feeds, tabs and our own colours pass", () => {
  expect(printable("a\n\tb", false)).toBe("a\n\tb");
  expect(printable("\x1b[31mred\x1b[0m", true)).toBe("\x1b[31mred\x1b[0m");
});
