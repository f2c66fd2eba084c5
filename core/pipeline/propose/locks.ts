/** Guard G3: who holds a package manager's or a deploy's lock. Asked through /proc/locks, without taking the lock. */
import type { HostFs } from "cortex";

/**
 * Name and pid of the process that locks one of the files, or null. Example line of /proc/locks (proc(5)):
 * `1: POSIX  ADVISORY  WRITE 1234 08:01:262145 0 EOF`; the sixth field is major:minor:inode, in hex, hex, decimal.
 */
export async function findLockHolder(fs: HostFs, lockFiles: readonly string[]): Promise<string | null> {
  const held = parseLocks((await fs.readTextIfPresent("/proc/locks")) ?? "");
  if (held.size === 0) return null;
  for (const file of lockFiles) {
    if (!(await fs.exists(file))) continue;
    const { ino } = await fs.stat(file);
    const pid = held.get(ino);
    if (pid === undefined) continue;
    const name = ((await fs.readTextIfPresent(`/proc/${pid}/comm`)) ?? "a process").trim();
    return `${name} (pid ${pid}) holds ${file} and`;
  }
  return null;
}

/** Inode → pid of the holder. Waiters ("->") hold nothing. Device numbers differ on btrfs and overlay, so inodes decide. */
export function parseLocks(text: string): Map<number, number> {
  const held = new Map<number, number>();
  for (const line of text.split("\n")) {
    const match = /^\d+:\s+(?:POSIX|FLOCK|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(
      line,
    );
    if (match) held.set(Number(match[2]), Number(match[1]));
  }
  return held;
}
