/** What the difference of two /proc/diskstats readings says, and whether RAID is rebuilding. */
import type { DiskStat } from "../common/proc/diskstats.parse.ts";

export interface DiskActivity {
  /** Mean number of requests queued or in the device. */
  queue: number;
  /** Share of time in which at least one request was open. */
  busyRatio: number;
  /** Mean time from queueing to completion; 0 without requests. */
  awaitSeconds: number;
  readAwaitSeconds: number;
  writeAwaitSeconds: number;
  requests: number;
  readBytesPerSecond: number;
  writeBytesPerSecond: number;
  readsPerSecond: number;
  writesPerSecond: number;
}

/** Example: 600 requests that took 6 s in all → `awaitSeconds` 0.01. */
export function activity(before: DiskStat, after: DiskStat, spanMs: number): DiskActivity {
  const change = (key: Exclude<keyof DiskStat, "name">) => Math.max(0, after[key] - before[key]);
  const perSecond = (amount: number) => (amount * 1000) / spanMs;
  const mean = (ms: number, requests: number) => (requests === 0 ? 0 : ms / requests / 1000);
  const [reads, writes] = [change("reads"), change("writes")];
  return {
    queue: change("weightedMs") / spanMs,
    busyRatio: Math.min(1, change("busyMs") / spanMs),
    awaitSeconds: mean(change("readMs") + change("writeMs"), reads + writes),
    readAwaitSeconds: mean(change("readMs"), reads),
    writeAwaitSeconds: mean(change("writeMs"), writes),
    requests: reads + writes,
    readBytesPerSecond: perSecond(change("readBytes")),
    writeBytesPerSecond: perSecond(change("writtenBytes")),
    readsPerSecond: perSecond(reads),
    writesPerSecond: perSecond(writes),
  };
}

/** Counters that ran backwards: the device was attached anew, or a 32-bit counter wrapped. */
export const isReset = (before: DiskStat, after: DiskStat): boolean =>
  after.reads < before.reads || after.writes < before.writes || after.weightedMs < before.weightedMs;

/**
 * Members of md arrays that are being rebuilt, checked or reshaped, from /proc/mdstat: such work keeps disks busy on
 * purpose. Example: `md0 : active raid1 sdb1[1] sda1[0]` … `[==>..] resync = 12.6% …` → "sda1", "sdb1".
 */
export function parseRebuildingMembers(text: string): string[] {
  const members: string[] = [];
  for (const block of text.split(/\n(?=\S)/)) {
    if (!/\b(?:resync|recovery|check|repair|reshape)\s*=\s*[\d.]+%/.test(block)) continue;
    // (S) is a spare and (F) a failed member: neither has work to do.
    for (const [, member] of block.matchAll(/\s([A-Za-z0-9_-]+)\[\d+\](?!\([SF]\))/g)) members.push(member!);
  }
  return members;
}
