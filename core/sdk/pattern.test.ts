import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { compilePattern, MAX_PATTERN_INPUT, patternText } from "./pattern.ts";

describe("T111 a pattern that ruins other engines gives the right answer, whatever the text:", () => {
  const many = (text: string, count = 20_000) => text.repeat(count);
  // A backtracking engine takes 2^20000 steps for the first of these: that this file ends at all is the proof.
  const corpus: [string, string, boolean][] = [
    ["^(a+)+$", `${many("a")}!`, false],
    ["^(a+)+$", many("a"), true],
    ["^(a|a)*$", `${many("a")}!`, false],
    ["^(a|aa)+$", `${many("a")}!`, false],
    ["^([a-zA-Z]+)*$", `${many("aB")}1`, false],
    ["(.*)*x$", many("b"), false],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", many("a"), false],
    ["(x+x+)+y", many("x"), false],
    ["(x+x+)+y", `${many("x")}y`, true],
    ["^(.*?,){20}P", many("1,2,3,4,5,6,7,8,9,10,11,12,13", 200), false],
    ["(?:.*a){20}b", many("a"), false],
    ["^(?:a?){100}a{100}$", "a".repeat(100), true],
    ["^(?:a?){100}a{100}$", "a".repeat(99), false],
    ["(\\w+\\s?)*:$", many("word ", 5000), false],
    ["^(\\d+\\.?)+-$", many("1.", 10_000), false],
    ["(a*)*b", many("a"), false],
    ["((a{1,10}){1,10}){1,10}$", `${many("a")}b`, false],
  ];
  for (const [source, text, expected] of corpus)
    test(`${source} on ${text.length} characters`, () => {
      expect(compilePattern(source).test(text)).toBe(expected);
    });

  test("T111 a pattern that would need memory without bound is refused", () => {
    for (const source of ["((a{100}){100}){100}", "a{1001}", "x".repeat(257)])
      expect(() => compilePattern(source)).toThrow(/pattern/);
  });
});

test("what is wrong with a pattern is said in one line", () => {
  const wrong = {
    "[": "missing closing ]",
    "(a": "missing closing )",
    "a**": "nested repetition",
    "(a)\\1": "escape",
    "(?=a)": "unsupported",
  };
  for (const [source, reason] of Object.entries(wrong)) {
    expect(() => compilePattern(source)).toThrow(reason);
    const { error } = patternText().safeParse(source);
    expect(error?.issues[0]?.message).toContain(reason);
  }
  expect(patternText().parse("^ready$")).toBe("^ready$");
});

test("a replacement is text, also where it looks like a reference", () => {
  expect(compilePattern("\\d+").replaceAll("a1b22c", "[$1\\0]")).toBe("a[$1\\0]b[$1\\0]c");
  expect(compilePattern("x*").replaceAll("axxb", "-")).toBe("a-b");
});

test("a text of any length is replaced in as a whole", () => {
  const long = "key=1234 and some words\n".repeat(10_000);
  expect(long.length).toBeGreaterThan(3 * MAX_PATTERN_INPUT);
  const replaced = compilePattern("key=\\d{4}").replaceAll(long, "[x]");
  expect(replaced).toBe(long.replaceAll("key=1234", "[x]"));
});

test("looks at the first 65,536 characters", () => {
  expect(compilePattern("b").test(`${"a".repeat(MAX_PATTERN_INPUT - 1)}b`)).toBe(true);
  expect(compilePattern("b").test(`${"a".repeat(MAX_PATTERN_INPUT)}b`)).toBe(false);
});

test("agrees with the engine of the language on ordinary patterns", () => {
  const patterns = [/ab?c*/, /^[a-c]+$/, /(a|b)c|d/, /a.b/, /[^a]b{2,3}/, /\bab\b/, /a|^b/];
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      fc.string({ unit: fc.constantFrom("a", "b", "c", "d", " ") }),
      (pattern, text) => {
        const found = compilePattern(pattern.source);
        return (
          found.test(text) === pattern.test(text) &&
          found.replaceAll(text, "X") ===
            text.replaceAll(new RegExp(pattern.source, "g"), (match) => (match === "" ? "" : "X"))
        );
      },
    ),
    { numRuns: 300 },
  );
});
