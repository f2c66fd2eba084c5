/** What a process costs, from /proc: processor time of all its threads, the ended ones too, and memory. */
import { readFileSync } from "node:fs";

/** Of /proc/PID/stat: USER_HZ is 100 on every Linux that Debian ships. */
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

/** User and system seconds; in steps of 10 ms, so measure long enough. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface Memory {
  rssMiB: number;
  /** Not backed by a file: what nobody shares and what can't be read back. */
  anonymousMiB: number;
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  const mib = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? NaN) / KIB_PER_MIB;
  return { rssMiB: mib("VmRSS"), anonymousMiB: mib("RssAnon") };
}
