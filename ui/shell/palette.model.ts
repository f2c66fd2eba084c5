/** Finding things by a few letters: which entries fit, which fit best. */
import type { IconName } from "../kit/icon.tsx";

export const GROUPS = ["here", "pages", "nodes", "problems", "checks", "actions"] as const;
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
  run: () => void;
}

/** How many of one group are offered: the best ones, never a wall. */
const SHOWN_PER_GROUP: Record<Group, number> = {
  here: 4,
  pages: 8,
  nodes: 8,
  problems: 6,
  checks: 6,
  actions: 8,
};

const SCORES = { start: 8, word: 6, inside: 4, letters: 1 };
const ELSEWHERE = 0.5;

/** How well one word fits into a text; 0: not at all. */
export function wordScore(word: string, text: string): number {
  const hay = text.toLowerCase();
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

/** Sum over all words, each of which must fit somewhere; 0: the entry does not fit. */
export function scoreOf(entry: Entry, words: readonly string[]): number {
  let total = 0;
  for (const word of words) {
    const beside = Math.max(wordScore(word, entry.hint ?? ""), wordScore(word, entry.words ?? ""));
    // Scattered letters in a long text beside the title fit nearly everything.
    const score = Math.max(wordScore(word, entry.title), beside > SCORES.letters ? beside * ELSEWHERE : 0);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

export interface Section {
  group: Group;
  entries: Entry[];
}

/** Entries that fit, best first, in groups; the group with the best entry comes first. Nothing typed: as given. */
export function search(entries: readonly Entry[], query: string): Section[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const sections = GROUPS.map((group) => {
    const scored = entries
      .filter((entry) => entry.group === group)
      .map((entry) => ({ entry, score: words.length === 0 ? 1 : scoreOf(entry, words) }))
      .filter(({ score }) => score > 0);
    if (words.length > 0)
      scored.sort((a, b) => b.score - a.score || a.entry.title.length - b.entry.title.length);
    return {
      group,
      best: scored[0]?.score ?? 0,
      entries: scored.slice(0, SHOWN_PER_GROUP[group]).map(({ entry }) => entry),
    };
  });
  const found = sections.filter((section) => section.entries.length > 0);
  if (words.length > 0) found.sort((a, b) => b.best - a.best);
  return found.map(({ group, entries: shown }) => ({ group, entries: shown }));
}

/** The place `by` further on in a ring of `count`. */
export const step = (at: number, by: number, count: number): number =>
  count === 0 ? -1 : (at + by + count) % count;
