/** Commands of plans, for reading before somebody says yes; never to be run from here. */

/** `{ argv: ["nginx", "-t"] }` → its words; null where the data of a plan is something else. */
export function argvOf(data: unknown): string[] | null {
  if (typeof data !== "object" || data === null || !("argv" in data)) return null;
  const { argv } = data;
  const isList = Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === "string");
  return isList ? argv : null;
}

/** The words as a shell would take them: what is not plain is quoted, so that it shows where one word ends. */
export const commandLine = (argv: readonly string[]): string => argv.map(quoted).join(" ");

const PLAIN = /^[A-Za-z0-9@%+=:,./_-]+$/;
/** What can't be seen, or turns what is beside it around, is written by its number. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  const seen = word.replace(UNSEEN, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`);
  return `'${seen.replaceAll("'", String.raw`'\''`)}'`;
}
