/** What the difference of two /proc/stat readings says; the file itself is parsed in common/proc. */
import type { CpuTimes } from "../common/proc/stat.parse.ts";

/** Shares of the time between two readings, 0 to 1. */
export interface CpuShares {
  /** Neither idle nor waiting for disks nor stolen: stolen time has a check of its own. */
  busy: number;
  user: number;
  system: number;
  irq: number;
  iowait: number;
  idle: number;
  steal: number;
}

/** Example: 40 ticks apart, 10 of them user → `user` 0.25. All 0 when no tick passed. */
export function shares(before: CpuTimes, after: CpuTimes): CpuShares {
  // Single columns may run backwards by a tick (iowait, guests), hence the sum over clamped differences.
  const ticks = (key: keyof CpuTimes) => Math.max(0, after[key] - before[key]);
  const user = ticks("user") + ticks("nice");
  const irq = ticks("irq") + ticks("softirq");
  const parts = {
    user,
    system: ticks("system"),
    irq,
    iowait: ticks("iowait"),
    idle: ticks("idle"),
    steal: ticks("steal"),
  };
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const ratio = (part: number) => (total === 0 ? 0 : part / total);
  return {
    busy: ratio(parts.user + parts.system + parts.irq),
    user: ratio(parts.user),
    system: ratio(parts.system),
    irq: ratio(parts.irq),
    iowait: ratio(parts.iowait),
    idle: ratio(parts.idle),
    steal: ratio(parts.steal),
  };
}
