/** What the dashboard says in another language where it says this in English: a walk is written once. */
import { Glob } from "bun";
import { join } from "node:path";
import { zh } from "../../../ui/texts/zh/whole.ts";

export type Language = "en" | "zh";
/** For locators: what is not a text of the dashboard (a name, a summary) stays as it is; several ways to say it are a pattern. */
export type Wording = (english: string) => string | RegExp;

/** Stand for the values in a text; private use, so that no text has them. */
const MARKS = ["\uE000", "\uE001", "\uE002"];
const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

interface Dictionary {
  exact: Map<string, Set<string>>;
  /** Texts that carry values. */
  patterns: [english: RegExp, other: (...values: string[]) => string][];
}

type Says = (...values: (string | number)[]) => string;

/** Texts of both languages, section by section. */
function compare(one: object, other: object, into: Dictionary): void {
  const add = (text: string, twin: string) =>
    into.exact.set(text, (into.exact.get(text) ?? new Set()).add(twin));
  for (const [key, value] of Object.entries(one)) {
    const twin: unknown = (other as Record<string, unknown>)[key];
    if (typeof value === "object" && value !== null) compare(value as object, twin as object, into);
    else if (typeof value === "string") add(value, twin as string);
    else if (typeof value === "function") {
      const [says, saysToo] = [value as Says, twin as Says];
      // One of something is often said in another way than many.
      if (says.length === 1) add(String(says(1)), String(saysToo(1)));
      addPattern(says, saysToo, into);
    }
  }
}

function addPattern(says: Says, twin: Says, into: Dictionary): void {
  const marks = MARKS.slice(0, says.length);
  const shape = String(says(...marks));
  // A text that counts is not the sum of its parts.
  if (!marks.every((mark) => shape.split(mark).length === 2)) return;
  const order = marks.toSorted((a, b) => shape.indexOf(a) - shape.indexOf(b));
  let pattern = escape(shape);
  for (const mark of marks) pattern = pattern.replace(mark, "(.+)");
  into.patterns.push([
    new RegExp(`^${pattern}$`),
    (...values) => twin(...marks.map((mark) => values[order.indexOf(mark)]!)),
  ]);
}

export async function wordingIn(language: Language): Promise<Wording> {
  if (language === "en") return (english) => english;
  const dictionary: Dictionary = { exact: new Map(), patterns: [] };
  const folder = join(import.meta.dir, "../../../ui/texts/en");
  for (const file of new Glob("*.ts").scanSync({ cwd: folder }))
    for (const part of Object.values((await import(join(folder, file))) as Record<string, object>))
      compare(part, zh, dictionary);
  // What says the most by itself first: "1 rule, no mistakes" is more than "N mistakes".
  dictionary.patterns.sort(([one], [other]) => other.source.length - one.source.length);
  return (english) => {
    const known = [...(dictionary.exact.get(english) ?? [])];
    if (known.length === 1) return known[0]!;
    if (known.length > 1) return new RegExp(`^(?:${known.map(escape).join("|")})$`);
    // A part of a text stands for all of it; one word is too little to tell which.
    const whole = english.includes(" ") && [...dictionary.exact].find(([text]) => text.includes(english));
    if (whole) return [...whole[1]][0]!;
    for (const [pattern, other] of dictionary.patterns) {
      const found = pattern.exec(english);
      if (found !== null) return other(...found.slice(1));
    }
    return english;
  };
}
