import { expect, test } from "bun:test";
import fc from "fast-check";
import { escapeControls, oneLine } from "./text.ts";

test("T76 several lines, tabs and terminal codes become one line", () => {
  expect(oneLine("  first\r\n\tsecond \u001b[31mred\u001b[0m ")).toBe("first second [31mred [0m");
});

test("characters that make text read differently are gone", () => {
  expect(oneLine("user\u202Etxt.exe\u2066 a\u200Bb\u2028c\u{e0041}d")).toBe("user txt.exe a b c d");
});

test("ordinary text in any script stays as it is", () => {
  for (const text of ["/var is 91 % full", "Größe – 4,1 GiB", "مساحة القرص", "ディスク 🦀", "naïve"])
    expect(oneLine(text)).toBe(text);
});

test("long text ends in an ellipsis and no character is cut in two", () => {
  expect(oneLine("abcdef", 4)).toBe("abc…");
  expect(oneLine("ab🦀🦀", 4)).toBe("ab…");
});

/** Every code point, controls and lone surrogates included. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x3000 }), fc.integer({ min: 0, max: 0x10ffff })), {
    maxLength: 200,
  })
  .map((points) => String.fromCodePoint(...points));

const unsafe = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

test("T82 whatever comes in, one bounded line without control characters comes out", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 80 }), (text, max) => {
      const line = oneLine(text, max);
      expect(line.length).toBeLessThanOrEqual(max);
      expect(unsafe.test(line)).toBe(false);
      expect(oneLine(line, max)).toBe(line);
    }),
    { numRuns: 100 },
  );
});

test("escaping keeps every character readable", () => {
  expect(escapeControls("a\n\u202Eb")).toBe("a\\u{a}\\u{202e}b");
});
