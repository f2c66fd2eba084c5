/**
 * Texts: `text().section.key`. English is the source of the shape; the texts of a screen come with its code (`textsWith`).
 * Another language is fetched whole when it is chosen.
 */
import { batch, createSignal } from "solid-js";
import { en } from "./en/frame.ts";
import { readLanguage, writeLanguage } from "../lib/preferences.ts";

/** Strings and functions to strings, nested: those of the frame around every screen. */
export type Texts = typeof en;
export type Language = "en" | "zh";
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "中文" };

/** Everything in the chosen language; null for English, of which each screen brings its part. */
const [whole, setWhole] = createSignal<Texts | null>(null);
const [language, setLanguageSignal] = createSignal<Language>("en");
export { language };

export const text = (): Texts => whole() ?? en;

type Joined<P extends readonly object[]> = P extends readonly [
  infer First,
  ...infer Rest extends readonly object[],
]
  ? First & Joined<Rest>
  : unknown;

/** The texts of the frame and these English ones, or the same in the chosen language. */
export function textsWith<const P extends readonly object[]>(...parts: P): () => Texts & Joined<P> {
  const english = Object.assign({}, en, ...parts) as Texts & Joined<P>;
  // The test of the languages' keys holds every other language to all parts.
  return () => (whole() as typeof english | null) ?? english;
}

/** For numbers and dates: the reader's own region where it speaks the chosen language. */
export function locale(): string {
  const chosen = language();
  // Asked for thousands of times, and the browser makes its list anew each time.
  locales[chosen] ??= localeFor(chosen, navigator.languages);
  return locales[chosen];
}
const locales: Partial<Record<Language, string>> = {};

export function localeFor(chosen: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => tag.toLowerCase().startsWith(chosen)) ?? chosen;
}

/** Stored choice, else the browser's first language that we have, else English. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  for (const tag of [stored, ...wanted]) {
    const short = tag?.slice(0, 2).toLowerCase();
    if (short === "en" || short === "zh") return short;
  }
  return "en";
}

export async function setLanguage(next: Language, remember = true): Promise<void> {
  const texts = next === "zh" ? (await import("./zh/whole.ts")).zh : null;
  batch(() => {
    setWhole(() => texts);
    setLanguageSignal(next);
  });
  document.documentElement.lang = next === "zh" ? "zh-Hans" : "en";
  if (remember) writeLanguage(next);
}

/** Before the first render, so that nobody sees one language turn into another. */
export const loadLanguage = () => setLanguage(preferredLanguage(readLanguage(), navigator.languages), false);
