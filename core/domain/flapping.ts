/** Flapping: the weighted share of changes over the last results, newer changes weigh more (Icinga 2, checker/flapping). */

const OLDEST_WEIGHT = 0.8;
const NEWEST_WEIGHT = 1.15;

/**
 * Share of changes in 0…1. `changes` is oldest first; a window that is not full yet counts as if no change happened
 * before it, so that a target's first two results never look like flapping.
 */
export function flapShare(changes: readonly boolean[], window: number): number {
  const recent = changes.slice(-window);
  const offset = window - recent.length;
  let sum = 0;
  recent.forEach((changed, index) => {
    if (!changed) return;
    const position = window === 1 ? 1 : (offset + index) / (window - 1);
    sum += OLDEST_WEIGHT + (NEWEST_WEIGHT - OLDEST_WEIGHT) * position;
  });
  return Math.min(1, sum / window);
}

/** Starts above `start`, ends below `end`: in between the state stays what it was. */
export function isFlapping(
  changes: readonly boolean[],
  wasFlapping: boolean,
  limits: { window: number; start: number; end: number },
): boolean {
  const share = flapShare(changes, limits.window);
  return wasFlapping ? share >= limits.end : share > limits.start;
}
