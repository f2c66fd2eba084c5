/** /proc/stat (proc_stat(5)): processor time and scheduler counters since boot. */
import { lineAfter, toCount, unreadable, words } from "./text.ts";

/** Clock ticks since boot, summed over all processors. */
export interface CpuTimes {
  /** Without `nice`; includes guests. */
  user: number;
  nice: number;
  system: number;
  idle: number;
  /** Idle while a disk request of this processor was open. May shrink (kernel doc), so differences are clamped. */
  iowait: number;
  irq: number;
  softirq: number;
  /** Taken by the hypervisor for others. */
  steal: number;
  total: number;
}

export interface KernelStat {
  cpu: CpuTimes;
  /** Processors that are online. */
  cpuCount: number;
  contextSwitches: number;
  forks: number;
  running: number;
  blocked: number;
}

const PATH = "/proc/stat";

/** Guest time is part of user and nice already, so the ninth and tenth column are not added up. */
function parseCpu(line: string): CpuTimes {
  const columns = words(line).slice(0, 8);
  if (columns.length < 4) throw unreadable(PATH, "the cpu line has fewer than four columns");
  const ticks = columns.map((column) => toCount(column, PATH, "a column of the cpu line"));
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = ticks;
  const total = user + nice + system + idle + iowait + irq + softirq + steal;
  return { user, nice, system, idle, iowait, irq, softirq, steal, total };
}

/** The per-processor lines follow the sum; counting stops before the long `intr` line. */
function countCpus(text: string): number {
  let count = 0;
  for (
    let at = text.indexOf("\ncpu");
    at !== -1 && text.startsWith("\ncpu", at);
    at = text.indexOf("\n", at + 1)
  )
    count += 1;
  return count;
}

export function parseStat(text: string): KernelStat {
  const cpu = lineAfter(text, "cpu ");
  if (cpu === null) throw unreadable(PATH, "there is no cpu line");
  const counter = (key: string) => {
    const value = lineAfter(text, `${key} `);
    return value === null ? 0 : toCount(value, PATH, key);
  };
  return {
    cpu: parseCpu(cpu),
    cpuCount: countCpus(text),
    contextSwitches: counter("ctxt"),
    forks: counter("processes"),
    running: counter("procs_running"),
    blocked: counter("procs_blocked"),
  };
}
