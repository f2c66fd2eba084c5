/** Finding things by a few letters: which entries fit, which fit best. */
import type { IconName } from "../kit/icon.tsx";

export const GROUPS = ["here", "pages", "nodes", "problems", "repairs", "checks", "actions"] as const;
export type Group = (typeof GROUPS)[number];

export interface Entry {
  id: string;
  group: Group;
  icon: IconName;
  title: string;
  /** Where or what it is, beside the title. */
  hint?: string;
  /** Further words by which it is found. */
  words?: string;
  /** Over already: among those that fit as well it stands behind the others. */
  isPast?: boolean;
  run: () => void;
}

/** How many of one group are offered: the best ones, never a wall. */
const SHOWN_PER_GROUP: Record<Group, number> = {
  here: 4,
  pages: 8,
  nodes: 8,
  problems: 6,
  repairs: 6,
  checks: 6,
  actions: 8,
};

const SCORES = { start: 8, word: 6, inside: 4, letters: 1 };
const ELSEWHERE = 0.5;

/** How well one word fits into a lower-case text; 0: not at all. */
export function wordScore(word: string, hay: string): number {
  const at = hay.indexOf(word);
  if (at === 0) return SCORES.start;
  if (at > 0) return /[^\p{L}\p{N}]/u.test(hay[at - 1]!) ? SCORES.word : SCORES.inside;
  return word.length > 2 && hasLetters(word, hay) ? SCORES.letters : 0;
}

/** The letters occur in this order, with others between them: "wbams" finds "web-1.ams". */
function hasLetters(word: string, hay: string): boolean {
  let from = 0;
  for (const letter of word) {
    const at = hay.indexOf(letter, from);
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}

interface Hay {
  title: string;
  hint: string;
  words: string;
}
const hays = new WeakMap<Entry, Hay>();

/** In lower case, made once: thousands of entries are gone through at each key. */
export function hayOf(entry: Entry): Hay {
  const known = hays.get(entry);
  if (known !== undefined) return known;
  const { title, hint = "", words = "" } = entry;
  const made = { title: title.toLowerCase(), hint: hint.toLowerCase(), words: words.toLowerCase() };
  hays.set(entry, made);
  return made;
}

/** Sum over all words, each of which must fit somewhere; 0: the entry does not fit. */
export function scoreOf(entry: Entry, words: readonly string[]): number {
  const hay = hayOf(entry);
  let total = 0;
  for (const word of words) {
    const beside = Math.max(wordScore(word, hay.hint), wordScore(word, hay.words));
    // Scattered letters in a long text beside the title fit nearly everything.
    const score = Math.max(wordScore(word, hay.title), beside > SCORES.letters ? beside * ELSEWHERE : 0);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

interface Scored {
  entry: Entry;
  score: number;
}
function isBetter(a: Scored, b: Scored): boolean {
  if (a.score !== b.score) return a.score > b.score;
  const [past, other] = [a.entry.isPast === true, b.entry.isPast === true];
  return past === other ? a.entry.title.length < b.entry.title.length : other;
}

/** The best `most` of those that fit, best first; among equals the earlier one. */
function best(entries: readonly Entry[], words: readonly string[], most: number): Scored[] {
  const kept: Scored[] = [];
  for (const entry of entries) {
    const scored = { entry, score: scoreOf(entry, words) };
    if (scored.score === 0 || (kept.length === most && !isBetter(scored, kept.at(-1)!))) continue;
    const place = kept.findIndex((other) => isBetter(scored, other));
    kept.splice(place === -1 ? kept.length : place, 0, scored);
    if (kept.length > most) kept.pop();
  }
  return kept;
}

export interface Section {
  group: Group;
  entries: Entry[];
}

/** Entries that fit, best first, in groups; the group with the best entry comes first. Nothing typed: as given. */
export function search(entries: readonly Entry[], query: string): Section[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const sections = GROUPS.map((group) => {
    const members = entries.filter((entry) => entry.group === group);
    const most = SHOWN_PER_GROUP[group];
    const found = words.length === 0 ? [] : best(members, words, most);
    return {
      group,
      best: found[0]?.score ?? 0,
      entries: words.length === 0 ? members.slice(0, most) : found.map(({ entry }) => entry),
    };
  });
  const found = sections.filter((section) => section.entries.length > 0);
  if (words.length > 0) found.sort((a, b) => b.best - a.best);
  return found.map(({ group, entries: shown }) => ({ group, entries: shown }));
}

/** What the server is asked for: it looks for one piece of text, and the longest word tells most. null: too short to ask. */
export function askedFor(query: string): string | null {
  const words = query.trim().split(/\s+/);
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best));
  return longest.length < 2 ? null : longest;
}

/** The place `by` further on in a ring of `count`. */
export const step = (at: number, by: number, count: number): number =>
  count === 0 ? -1 : (at + by + count) % count;
