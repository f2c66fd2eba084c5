/** What /proc says about one process, read at once; ended and forbidden processes answer with nothing. */
import { readFileSync, readlinkSync, realpathSync } from "node:fs";

export interface ProcessStat {
  state: string;
  pgrp: number;
  session: number;
  startTicks: number;
}

/** Fields 3, 5, 6 and 22 of /proc/PID/stat. The name (field 2) may hold blanks and `)`: split after the last one. */
export function parseProcessStat(text: string): ProcessStat | null {
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .trim()
    .split(" ");
  const startTicks = Number(fields[19]);
  if (fields.length < 20 || !Number.isSafeInteger(startTicks)) return null;
  return { state: fields[0]!, pgrp: Number(fields[2]), session: Number(fields[3]), startTicks };
}

/** A zombie (Z) or a dead task (X) holds nothing any more, even while nobody has reaped it. */
export const isDead = (stat: ProcessStat) => stat.state === "Z" || stat.state === "X";

/** An update replaces the file of a running program: the kernel then shows its path with " (deleted)". */
export function sameProgram(stored: string, current: string): boolean {
  const plain = (path: string) => path.replace(/ \(deleted\)$/, "");
  return stored === "" || current === "" || plain(stored) === plain(current);
}

export function readStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return null;
  }
}

/** "" where it may not be read: another user's process, or one that has ended. */
export function readExe(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

export function readEnviron(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
