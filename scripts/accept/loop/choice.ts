/** Whole numbers and members of lists, by chance that can be repeated. */
import { createRandom } from "../lib/random.ts";

export interface Choice {
  /** From 0 to below `limit`. */
  below(limit: number): number;
  /** From `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
}

export function createChoice(seed: number): Choice {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random.next() * limit);
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    pick: (list) => list[below(list.length)]!,
  };
}
