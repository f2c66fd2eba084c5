/** Nothing moves under the pointer: while somebody is on a list, its order holds and newcomers wait. */

export interface StableOrder<T> {
  items: T[];
  /** Newcomers held back. */
  waiting: number;
}

/**
 * `sorted` as it should be, `shown` the ids as they are on the screen. Not held: simply sorted. Held: the shown ones
 * in their old places with their new content; what is gone goes.
 */
export function stableOrder<T extends { id: string }>(
  sorted: readonly T[],
  shown: readonly string[],
  held: boolean,
): StableOrder<T> {
  if (!held || shown.length === 0) return { items: [...sorted], waiting: 0 };
  const byId = new Map(sorted.map((item) => [item.id, item]));
  const items = shown.flatMap((id) => byId.get(id) ?? []);
  return { items, waiting: sorted.length - items.length };
}
