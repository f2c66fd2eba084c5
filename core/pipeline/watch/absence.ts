/** How long a target has not been reported: by runs and by time, because events may cause many runs within one interval. */
import type { Clock } from "cortex";

export interface Absence {
  /** One more run without the target. True when `times` runs were missed, and as much time as they take. */
  isLong(key: string, times: number, intervalMs: number): boolean;
  /** It was reported again, or let go. */
  end(key: string): void;
}

export function createAbsence(clock: Clock): Absence {
  const absent = new Map<string, { runs: number; since: number }>();
  return {
    isLong(key, times, intervalMs) {
      const now = clock.monotonic();
      const known = absent.get(key) ?? { runs: 0, since: now };
      const runs = known.runs + 1;
      absent.set(key, { ...known, runs });
      // Runs of one interval may lie a little closer than it.
      return runs >= times && now - known.since >= (times - 1) * intervalMs * 0.9;
    },
    end: (key) => void absent.delete(key),
  };
}
