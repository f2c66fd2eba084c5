/** /proc/vmstat: counters since boot, one `name value` a line. Only what checks use is looked up: the file has 150 lines. */
import { lineAfter, toCount } from "./text.ts";

export interface VmStat {
  /** Pages read from and written to swap. */
  swapInPages: number;
  swapOutPages: number;
  majorFaults: number;
  /** Processes killed by the OOM killer, cgroup limits included; null before Linux 4.13. */
  oomKills: number | null;
}

const PATH = "/proc/vmstat";

export function parseVmStat(text: string): VmStat {
  const counter = (key: string) => {
    const value = lineAfter(text, `${key} `);
    return value === null ? null : toCount(value, PATH, key);
  };
  return {
    swapInPages: counter("pswpin") ?? 0,
    swapOutPages: counter("pswpout") ?? 0,
    majorFaults: counter("pgmajfault") ?? 0,
    oomKills: counter("oom_kill"),
  };
}
