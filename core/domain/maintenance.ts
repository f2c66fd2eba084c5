/** Maintenance windows: no repair, no alert, still seen. */

export interface Window {
  id: string;
  /** `*` or a check name. */
  check: string;
  /** `*` or a target. */
  target: string;
  from: number;
  until: number;
  reason: string;
}

/** The window that covers this check and target now, the longest-lasting first; null when none does. */
export function activeWindow<W extends Window>(
  windows: readonly W[],
  check: string,
  target: string,
  now: number,
): W | null {
  const covering = windows.filter(
    (window) =>
      window.from <= now &&
      now < window.until &&
      (window.check === "*" || window.check === check) &&
      (window.target === "*" || window.target === target),
  );
  return covering.toSorted((a, b) => b.until - a.until)[0] ?? null;
}
