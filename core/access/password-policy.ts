/**
 * Which passwords are taken: at least 15 characters of any kind, and nothing that a guesser tries first. The lists are the
 * most frequent passwords of leaks (docs/adr/005-libraries.md says where they come from), all in lower case.
 */
import longList from "./common-passwords.txt" with { type: "text" };
import wordList from "./common-words.txt" with { type: "text" };

/** NIST SP 800-63B-4 asks for 15 where a password may be the only factor; ASVS 6.2.1 recommends the same. */
export const MIN_PASSWORD = 15;
/** Beyond ASVS 6.2.9 (64), and short enough that hashing it costs nothing more. */
export const MAX_PASSWORD = 256;

/** What has to be left once everything guessable was taken away. */
const MIN_REST = 8;
const MIN_DISTINCT = 6;
/** A shorter word would be taken out of ordinary phrases. */
const SHORTEST_CONTEXT = 3;
const OWN_NAME = "cortex";

/** Parsed when the first password is set, which most starts of the program never do. */
let lists: { whole: ReadonlySet<string>; words: ReadonlySet<string> } | null = null;
const linesOf = (text: string) => new Set(text.split("\n").filter((line) => line !== ""));
const loadLists = () => (lists ??= { whole: linesOf(longList), words: linesOf(wordList) });

/** The rule that a password breaks, and what there is to say about it, as the end of "this password …". */
const FAULTS = {
  short: `is too short: it needs at least ${MIN_PASSWORD} characters; a few words are fine`,
  long: `is too long: it may have at most ${MAX_PASSWORD} characters`,
  leaked: "is in the lists of leaked passwords; choose another one",
  name: "is mostly your name, or that of this host or of Cortex; add words that have nothing to do with them",
  word: "is mostly one common word; use several words",
  repeated: "repeats itself, or has too few different characters; use several words",
  row: "is mostly a row of neighbours such as 12345 or abcde; use several words",
} as const;
export type PasswordRule = keyof typeof FAULTS;

/** null when the password is taken. `context` are words that a guesser knows: the account's name, the names of the host. */
export function passwordFault(
  password: string,
  context: readonly string[],
): { rule: PasswordRule; text: string } | null {
  const rule = brokenRule(password, context);
  return rule === null ? null : { rule, text: FAULTS[rule] };
}

function brokenRule(password: string, context: readonly string[]): PasswordRule | null {
  const length = [...password].length;
  if (length < MIN_PASSWORD) return "short";
  if (length > MAX_PASSWORD) return "long";
  const { whole, words } = loadLists();
  const text = password.normalize("NFKC").toLowerCase();
  if (whole.has(text)) return "leaked";
  const nameless = withoutContext(text, context);
  const found = guessable(text) ?? (guessable(nameless) === null ? null : "name");
  if (found !== null) return found;
  return guessable(withoutWord(nameless, words)) === null ? null : "word";
}

/** What is left says nothing that a guesser would not try. */
function guessable(rest: string): "repeated" | "row" | null {
  if ([...rest].length < MIN_REST || new Set(rest).size < MIN_DISTINCT || isRepeated(rest)) return "repeated";
  return isRun(rest) ? "row" : null;
}

function withoutContext(text: string, context: readonly string[]): string {
  const words = [...context, OWN_NAME]
    .flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])
    .map((word) => word.normalize("NFKC").toLowerCase())
    .filter((word) => word.length >= SHORTEST_CONTEXT)
    .toSorted((a, b) => b.length - a.length);
  return words.reduce((rest, word) => rest.replaceAll(word, ""), text);
}

/** A single common word, whatever digits and signs it is padded with; phrases of several words stay. */
function withoutWord(text: string, words: ReadonlySet<string>): string {
  const core = text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return words.has(core) ? text.replace(core, "") : text;
}

/** 12345678, aaaa, zyxw: mostly steps of one or none from a character to the next. */
function isRun(text: string): boolean {
  let steps = 0;
  for (let at = 1; at < text.length; at += 1)
    if (Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1) steps += 1;
  return steps * 4 >= (text.length - 1) * 3;
}

/** The whole is one piece, twice or more often; the last one may be cut. */
function isRepeated(text: string): boolean {
  for (let period = 1; period * 2 <= text.length; period += 1)
    if (text.startsWith(text.slice(period))) return true;
  return false;
}
