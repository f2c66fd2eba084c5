/** Which files are in use: open in a process, or mapped into one. */
import { readdirSync, readFileSync } from "node:fs";
import { makeDev, type Syscalls } from "./syscalls.ts";

/** Yield to the event loop after so many processes: a busy host has thousands of descriptors. */
const BATCH = 20;

const keyOf = (dev: number, ino: number) => `${dev}:${ino}`;

export interface OpenFiles {
  has(file: { dev: number; ino: number }): boolean;
}

/**
 * One look at all processes that may be looked into: everything as root, else those of the own user. Files are told by
 * device and inode, because a process in another mount namespace has another path for the same file.
 */
export async function scanOpenFiles(calls: Syscalls, proc = "/proc"): Promise<OpenFiles> {
  const open = new Set<string>();
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % BATCH === BATCH - 1) await new Promise((resolve) => setImmediate(resolve));
    for (const fd of listOrNone(`${proc}/${pid}/fd`)) {
      const stat = calls.statTarget(`${proc}/${pid}/fd/${fd}`);
      if (typeof stat !== "number") open.add(keyOf(stat.dev, stat.ino));
    }
    for (const file of parseMaps(readOrNothing(`${proc}/${pid}/maps`))) open.add(keyOf(file.dev, file.ino));
  }
  return { has: ({ dev, ino }) => open.has(keyOf(dev, ino)) };
}

/** `7f… r-xp 00000000 fd:01 1234  /path` → device and inode; anonymous memory has inode 0. */
export function parseMaps(text: string): { dev: number; ino: number }[] {
  const files: { dev: number; ino: number }[] = [];
  for (const match of text.matchAll(/^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) (\d+)/gm)) {
    const [, major, minor, ino] = match as unknown as [string, string, string, string];
    if (ino !== "0")
      files.push({ dev: makeDev(Number.parseInt(major, 16), Number.parseInt(minor, 16)), ino: Number(ino) });
  }
  return files;
}

function listOrNone(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
