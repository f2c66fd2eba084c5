/** Texts: `text().section.key`. English is the source of the shape, other languages are loaded when chosen. */
import { createSignal } from "solid-js";
import { en } from "./en.ts";
import { readLanguage, writeLanguage } from "./preferences.ts";

/** Strings and functions to strings, nested; what every language must provide. */
export type Texts = typeof en;
export type Language = "en" | "zh";
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "中文" };

const loaders: Record<Language, () => Promise<Texts>> = {
  en: () => Promise.resolve(en),
  zh: () => import("./zh.ts").then((module) => module.zh),
};

const [text, setText] = createSignal<Texts>(en);
const [language, setLanguageSignal] = createSignal<Language>("en");
export { text, language };

/** For numbers and dates: the reader's own region where it speaks the chosen language. */
export const locale = (): string => localeFor(language(), navigator.languages);

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
  const texts = await loaders[next]();
  setText(() => texts);
  setLanguageSignal(next);
  document.documentElement.lang = next === "zh" ? "zh-Hans" : "en";
  if (remember) writeLanguage(next);
}

/** Before the first render, so that nobody sees one language turn into another. */
export const loadLanguage = () => setLanguage(preferredLanguage(readLanguage(), navigator.languages), false);
