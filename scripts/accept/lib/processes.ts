/** Processes by pid: who belongs to a folder, who lives, and ending exactly those. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { pause } from "./wait.ts";

const readOr = (read: () => string): string => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Whether the process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state !== "" && state !== "Z" && state !== "X";
}

/**
 * Processes that carry `path` in their arguments, environment, output or working folder: what a scenario's daemons
 * started lives on in sessions of its own, and only its folder still names it.
 */
export function processesOf(path: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid && isAlive(pid))
    .filter((pid) =>
      [
        () => readFileSync(`/proc/${pid}/cmdline`, "latin1"),
        () => readFileSync(`/proc/${pid}/environ`, "latin1"),
        () => readlinkSync(`/proc/${pid}/fd/1`),
        () => readlinkSync(`/proc/${pid}/cwd`),
      ].some((read) => readOr(read).includes(path)),
    );
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

/** SIGTERM, and SIGKILL for what is still there after `graceMs`. */
export async function end(pids: readonly number[], graceMs = 2000): Promise<void> {
  for (const pid of pids) signal(pid, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (pids.some(isAlive) && performance.now() < deadline) await pause(20);
  for (const pid of pids.filter(isAlive)) signal(pid, "SIGKILL");
}

/** The process that listens on this TCP port, or null. */
export function listenerOf(port: number): number | null {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"])
    for (const line of readOr(() => readFileSync(table, "latin1"))
      .split("\n")
      .slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === "0A" && fields[1]?.endsWith(`:${hex}`)) inodes.add(`socket:[${fields[9]}]`);
    }
  if (inodes.size === 0) return null;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    let fds: string[] = [];
    try {
      fds = readdirSync(`/proc/${name}/fd`);
    } catch {
      continue;
    }
    if (fds.some((fd) => inodes.has(readOr(() => readlinkSync(`/proc/${name}/fd/${fd}`)))))
      return Number(name);
  }
  return null;
}
