/**
 * A journal that is asked the wrong thing for months must not fill the disk: of what changes nothing, refusals and starts, the first
 * and the last lines stay, and those between become one line that counts them. What was begun is never folded: it is what keeps an
 * approval from being used twice, and what budgets are counted by.
 */
import type { JournalLine } from "./journal-line.ts";

export const FOLD_LIMITS = {
  /** So many refusals and starts make it worth the while. */
  most: 1000,
  keptFirst: 100,
  keptLast: 400,
};
export type FoldLimits = typeof FOLD_LIMITS;

/** Reasons come from a closed set; more than this was written by somebody else. */
const MOST_REASONS = 50;

type Entry = Pick<JournalLine, "at" | "kind" | "data">;

export interface Folded {
  /** Refused questions, also those that were only counted. */
  refused: number;
  byReason: Record<string, number>;
  starts: number;
  /** Epoch ms of the first and the last of them. */
  from: number;
  until: number;
  /** Hash of the last line of the journal that was folded, so that a copy kept elsewhere can be told to be the one before. */
  head: string;
}

export const isFoldable = ({ kind }: Pick<JournalLine, "kind">): boolean =>
  kind === "refused" || kind === "opened" || kind === "folded";

/** The same journal with its middle as one line; null when there is too little to fold. */
export function fold(lines: readonly JournalLine[], limits: FoldLimits = FOLD_LIMITS): Entry[] | null {
  const places = lines.flatMap((line, index) => (isFoldable(line) ? [index] : []));
  if (places.length <= limits.most) return null;
  const isOld = (index: number) => lines[index]!.kind === "folded";
  const middle = new Set(places.slice(limits.keptFirst, -limits.keptLast));
  // An earlier fold is part of the new one, wherever it stands.
  for (const index of places) if (isOld(index)) middle.add(index);
  const [first] = [...middle].toSorted((a, b) => a - b);
  const data = { ...sumOf([...middle].map((index) => lines[index]!)), head: lines.at(-1)!.hash };
  return lines.flatMap(({ at, kind, data: own }, index): Entry[] => {
    if (index === first) return [{ at: data.until, kind: "folded", data }];
    return middle.has(index) ? [] : [{ at, kind, data: own }];
  });
}

function sumOf(lines: readonly JournalLine[]): Omit<Folded, "head"> {
  const sum = { refused: 0, byReason: new Map<string, number>(), starts: 0 };
  const count = (reason: string, by: number) => {
    const name = sum.byReason.has(reason) || sum.byReason.size < MOST_REASONS ? reason : "other";
    sum.byReason.set(name, (sum.byReason.get(name) ?? 0) + by);
    sum.refused += by;
  };
  let [from, until] = [Number.POSITIVE_INFINITY, 0];
  for (const { kind, at, data } of lines) {
    const before = data as Partial<Folded>;
    from = Math.min(from, before.from ?? at);
    until = Math.max(until, before.until ?? at);
    if (kind === "opened") sum.starts += 1;
    else if (kind === "folded") {
      sum.starts += before.starts ?? 0;
      for (const [reason, by] of Object.entries(before.byReason ?? {})) count(reason, by);
    } else {
      count(String(data["reason"]), 1);
      if (Number(data["more"]) > 0) count("only counted", Number(data["more"]));
    }
  }
  return { ...sum, byReason: Object.fromEntries(sum.byReason), from, until };
}
