/** Text from the host on its way to people: file names, log lines and program output are written by strangers. */

/**
 * Control characters (C0, C1, DEL) steer terminals, U+2028 and U+2029 break lines; bidi controls and zero-width
 * characters make a line read differently from what it is (CVE-2021-42574); tag characters hide text altogether.
 * Lone surrogates are no text at all.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * One safe line: unsafe characters and runs of blanks become one blank, and what is too long ends in "…".
 * `max` counts UTF-16 units and never cuts a character in two.
 * Example: `oneLine("a\nb\u202Ec", 100)` → "a b c".
 */
export function oneLine(text: string, max = 300): string {
  // Nothing beyond this can show up in the result unless blanks collapse; it bounds the work on huge inputs.
  const bounded = text.length > max * 8 ? text.slice(0, max * 8) : text;
  const line = bounded.replace(UNSAFE, " ").replace(/\s+/gu, " ").trim();
  if (line.length <= max) return line;
  const cut = line.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, "");
  return `${cut.trimEnd()}…`;
}

/** Unsafe characters as `\u{…}`, for logs in which nothing may get lost. Line feeds and tabs are escaped as well. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/**
 * The same for a JSON text, with JSON's own escapes, so that it stays what it is. JSON escapes C0 by itself; line feeds
 * between its members, as a printed document has them, stay.
 */
export const escapeInJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    character === "\n"
      ? character
      : character
          .split("")
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
          .join(""),
  );
