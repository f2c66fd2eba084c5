/** /proc/pressure/{cpu,memory,io}: pressure stall information (kernel doc accounting/psi.rst). */
import { lineAfter, toCount, unreadable, words } from "./text.ts";

/** Share of wall time in which tasks waited for the resource; running means over 10, 60 and 300 s, as ratios. */
export interface PressureLine {
  avg10Ratio: number;
  avg60Ratio: number;
  avg300Ratio: number;
  totalSeconds: number;
}

export interface Pressure {
  /** At least one task waited. */
  some: PressureLine;
  /** All non-idle tasks waited at once. null for cpu before Linux 5.13. */
  full: PressureLine | null;
}

function parseLine(line: string, path: string): PressureLine {
  const fields = new Map(words(line).map((word) => word.split("=", 2) as [string, string | undefined]));
  const value = (key: string) => toCount(fields.get(key), path, key);
  // Percent with two decimals; via whole hundredths, so that 7.73 does not become 0.07730000000000001.
  const ratio = (key: string) => Math.round(value(key) * 100) / 10_000;
  return {
    avg10Ratio: ratio("avg10"),
    avg60Ratio: ratio("avg60"),
    avg300Ratio: ratio("avg300"),
    // The kernel counts microseconds.
    totalSeconds: value("total") / 1e6,
  };
}

export function parsePressure(text: string, path: string): Pressure {
  const some = lineAfter(text, "some ");
  const full = lineAfter(text, "full ");
  if (some === null) throw unreadable(path, "there is no line that starts with some");
  return { some: parseLine(some, path), full: full === null ? null : parseLine(full, path) };
}
