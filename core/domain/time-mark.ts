/** Elapsed time that survives clock steps and restarts; see `TimeMark`. */
import type { TimeMark } from "./problem.ts";

/**
 * Milliseconds from `mark` to `now`: monotonic within one boot. Across boots it is the wall difference, and never less than this
 * boot is old: a clock that was set back meanwhile holds nothing longer than it would have taken from the boot on.
 */
export function elapsed(mark: TimeMark, now: TimeMark): number {
  if (mark.bootId === now.bootId) return Math.max(0, now.mono - mark.mono);
  return Math.max(now.mono, now.wall - mark.wall);
}

/** Wall time (for showing) at which `ms` after `mark` is reached, seen from `now`. */
export function dueAt(mark: TimeMark, ms: number, now: TimeMark): number {
  return now.wall + Math.max(0, ms - elapsed(mark, now));
}
