/** "a, b, c and 4 more": enough names to recognise, never a wall of them. */
export function shortList(
  names: readonly string[],
  andMore: (names: string, n: number) => string,
  shown = 3,
): string {
  const head = names.slice(0, shown).join(", ");
  return names.length > shown ? andMore(head, names.length - shown) : head;
}
