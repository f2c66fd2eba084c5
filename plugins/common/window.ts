/** A sliding window over counters that only grow: what changed since about `windowMs` ago. */

export interface Reading<T> {
  /** Monotonic milliseconds. */
  at: number;
  value: T;
}

export interface Change<T> {
  now: T;
  /** The reading before this one, for charts. */
  last: T;
  lastSpanMs: number;
  /** The reading at the window's start, or the oldest there is while the window fills. */
  first: T;
  spanMs: number;
}

export interface CounterWindow<T> {
  /** Take a reading in; null when there is nothing to compare it with yet. */
  add(at: number, value: T): Change<T> | null;
}

/** Readings closer together than this tell nothing about a rate. */
const MIN_SPAN_MS = 100;
/** How finely the window's start is known; bounds the memory of a window with a short interval. */
const STEPS = 60;

/**
 * `isReset` says that the counters began anew (namespace replaced, device re-attached, 32-bit wrap): everything before
 * is forgotten then, because a negative difference is no rate.
 */
export function createWindow<T>(
  windowMs: number,
  isReset: (before: T, after: T) => boolean,
): CounterWindow<T> {
  let kept: Reading<T>[] = [];
  let latest: Reading<T> | null = null;
  return {
    add(at, value) {
      const now = { at, value };
      if (latest === null || at < latest.at || isReset(latest.value, value)) {
        kept = [now];
        latest = now;
        return null;
      }
      const last = latest;
      if (at - last.at < MIN_SPAN_MS) return null;
      while (kept.length > 1 && at - kept[1]!.at >= windowMs) kept.shift();
      const first = kept[0]!;
      if (at - kept.at(-1)!.at >= windowMs / STEPS) kept.push(now);
      latest = now;
      return {
        now: value,
        last: last.value,
        lastSpanMs: at - last.at,
        first: first.value,
        spanMs: at - first.at,
      };
    },
  };
}

/**
 * A mean over a window that is still filling counts the missing time as quiet, so that half a minute of load after a
 * start is not taken for ten minutes of it. Where the state was bad already (Cortex restarted), the mean counts as it is.
 */
export function settledMean(mean: number, spanMs: number, windowMs: number, wasBad: boolean): number {
  return wasBad ? mean : mean * Math.min(1, spanMs / windowMs);
}
