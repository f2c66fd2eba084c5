/** "Did you mean": the known name nearest to a mistyped one. */

/** Edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j += 1) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}

/** The nearest candidate, or null when none is near enough to be meant. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  // The table grows with the product of the lengths, and nobody mistypes a key of this length.
  if (name.length > 64) return null;
  const spelled = (word: string) => word.toLowerCase().replaceAll("-", "_");
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(spelled(name), spelled(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `unknown key "tik"; did you mean "tick"?` */
export function unknownName(what: string, name: string, candidates: readonly string[]): string {
  const near = closest(name, candidates);
  const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 63)}…` : name);
  if (near !== null) return `unknown ${what} ${shown}; did you mean "${near}"?`;
  return candidates.length > 0 && candidates.length <= 12
    ? `unknown ${what} ${shown}; known: ${candidates.join(", ")}`
    : `unknown ${what} ${shown}`;
}
