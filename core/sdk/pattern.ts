/**
 * Patterns that people write. RE2's syntax and engine: whatever the pattern and the text, the time grows in step with the
 * length of the text, because nothing is tried twice. There are no back-references and no looking around.
 * https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS } from "re2js";
import * as z from "zod";
import { defineErrors, messageOf } from "./errors.ts";

export const MAX_PATTERN_LENGTH = 256;
/** UTF-16 units. Of a longer text, `test` looks at the beginning; `replaceAll` goes through it piece by piece. */
export const MAX_PATTERN_INPUT = 65_536;

const errors = defineErrors("pattern", { invalid: "invalid" });

export interface Pattern {
  readonly source: string;
  /** Whether it occurs anywhere in the first 65,536 characters. */
  test(text: string): boolean;
  /** Every occurrence replaced by exactly this text. No occurrence reaches over a line end that cuts a long text in two. */
  replaceAll(text: string, instead: string): string;
}

/** Errors: `pattern.invalid`, saying what is wrong with it. */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_PATTERN_LENGTH)
    throw errors.invalid(
      `a pattern has at most ${MAX_PATTERN_LENGTH} characters, this one has ${source.length}`,
    );
  const compiled = compile(source);
  return {
    source,
    test: (text) => compiled.matcher(text.slice(0, MAX_PATTERN_INPUT)).find(),
    replaceAll: (text, instead) =>
      pieces(text)
        .map((piece) => replaceIn(compiled, piece, instead))
        .join(""),
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason = messageOf(error).replace(/^error parsing regexp: /, "");
    throw errors.invalid(`${JSON.stringify(source)} is no pattern (${reason})`, { cause: error });
  }
}

/** By hand: RE2JS reads `$1` and backslashes in a replacement. */
function replaceIn(compiled: RE2JS, text: string, instead: string): string {
  const matcher = compiled.matcher(text);
  let result = "";
  let from = 0;
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    // An occurrence of nothing stands for no text.
    if (end === start) continue;
    result += text.slice(from, start) + instead;
    from = end;
  }
  return result + text.slice(from);
}

/** Cut at line ends where there are any. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  while (text.length - from > MAX_PATTERN_INPUT) {
    const lineEnd = text.lastIndexOf("\n", from + MAX_PATTERN_INPUT - 1) + 1;
    const to = lineEnd > from ? lineEnd : from + MAX_PATTERN_INPUT;
    found.push(text.slice(from, to));
    from = to;
  }
  found.push(text.slice(from));
  return found;
}

/** A pattern in a config: checked when the file is read. */
export const patternText = () =>
  z
    .string()
    .min(1)
    .max(MAX_PATTERN_LENGTH)
    .superRefine((source, context) => {
      try {
        compilePattern(source);
      } catch (error) {
        context.addIssue({ code: "custom", message: messageOf(error) });
      }
    });
