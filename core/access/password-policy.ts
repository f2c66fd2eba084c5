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

/**
 * Why a password is not taken, as the end of "this password …"; null when it is. `context` are words that a guesser knows:
 * the account's name, the names of the host.
 */
export function passwordFault(password: string, context: readonly string[]): string | null {
  const length = [...password].length;
  if (length < MIN_PASSWORD)
    return `is too short: it needs at least ${MIN_PASSWORD} characters; a few words are fine`;
  if (length > MAX_PASSWORD) return `is too long: it may have at most ${MAX_PASSWORD} characters`;
  const { whole, words } = loadLists();
  const text = password.normalize("NFKC").toLowerCase();
  if (whole.has(text)) return "is in the lists of leaked passwords; choose another one";
  const rest = withoutWord(withoutContext(text, context), words);
  if ([...rest].length < MIN_REST || new Set(rest).size < MIN_DISTINCT || isRun(rest) || isRepeated(rest))
    return "is mostly a common word, a name that belongs to it, a row of keys or a repetition; choose another one";
  return null;
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
