/**
 * Waits that the wall clock named, kept on the clock that does not jump: one that is set ahead ends none of them, one that is set back
 * prolongs none. A program that was started meanwhile can't know how much is over, and waits the whole span again: never less than was
 * meant, and at most once more for each start.
 */
import type { Clock } from "cortex";

export interface Countdowns {
  /** Milliseconds left of `ms`, from the first time that this wait was asked about; 0 when it is over. */
  left(wait: string, ms: number): number;
  /** Those that nobody waits for any more. */
  keepOnly(waits: ReadonlySet<string>): void;
}

export function createCountdowns(clock: Pick<Clock, "monotonic">): Countdowns {
  const due = new Map<string, number>();
  return {
    left(wait, ms) {
      const end = due.get(wait) ?? clock.monotonic() + ms;
      due.set(wait, end);
      return Math.max(0, end - clock.monotonic());
    },
    keepOnly(waits) {
      for (const wait of due.keys()) if (!waits.has(wait)) due.delete(wait);
    },
  };
}
