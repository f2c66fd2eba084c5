/** /proc/PID/stat (proc_pid_stat(5)). */
import { toCount, unreadable } from "./text.ts";

export interface ProcessStat {
  pid: number;
  /** Name of the executable, at most 15 bytes; may hold blanks and parentheses. */
  comm: string;
  /** R running, S sleeping, D uninterruptible, Z zombie, T stopped, t traced, I idle kernel thread, X dead. */
  state: string;
  parent: number;
  /** Number of its process group; 0 for kernel threads. */
  group: number;
  /** User and system time of the process itself, in clock ticks. */
  cpuTicks: number;
  threads: number;
  /** Clock ticks after boot; pid and start together name one process for good. */
  startTicks: number;
  residentPages: number;
}

/** Columns after the name that are used; what follows is not even split: this runs for every process. */
const COLUMNS = 22;

/** The name is the trap: it is in parentheses and may hold any character, so columns count from the last one that closes. */
export function parseProcessStat(text: string, path: string): ProcessStat {
  const open = text.indexOf(" (");
  const close = text.lastIndexOf(") ");
  if (open === -1 || close < open) throw unreadable(path, "there is no name in parentheses");
  const columns = text.slice(close + 2).split(" ", COLUMNS);
  const state = columns[0]!;
  if (state.length !== 1) throw unreadable(path, `the state is "${state.slice(0, 20)}"`);
  // `columns[0]` is the third column of the manual page.
  const count = (column: number, what: string) => {
    const token = columns[column - 3];
    const value = token ? Number(token) : NaN;
    if (!(value >= 0)) throw unreadable(path, `${what} is ${token ? `"${token.slice(0, 40)}"` : "missing"}`);
    return value;
  };
  return {
    pid: toCount(text.slice(0, open), path, "the pid"),
    comm: text.slice(open + 2, close),
    state,
    parent: count(4, "the parent"),
    group: count(5, "the process group"),
    cpuTicks: count(14, "the user time") + count(15, "the system time"),
    threads: count(20, "the number of threads"),
    startTicks: count(22, "the start time"),
    residentPages: count(24, "the resident size"),
  };
}
