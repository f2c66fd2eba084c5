/** /proc/diskstats (kernel doc admin-guide/iostats.rst): counters since boot per block device. */
import { toCount, words } from "./text.ts";

export interface DiskStat {
  name: string;
  reads: number;
  readBytes: number;
  /** Summed time that reads took, from queueing to completion. */
  readMs: number;
  writes: number;
  writtenBytes: number;
  writeMs: number;
  /** Requests queued or in the device now. */
  inFlight: number;
  /** Time in which at least one request was open. */
  busyMs: number;
  /** Summed time of all requests: its rate is the mean queue length. */
  weightedMs: number;
}

const PATH = "/proc/diskstats";
/** A sector is 512 bytes in this file, whatever the device's own size is. */
const SECTOR_BYTES = 512;
/** Lines of partitions had 7 columns before Linux 2.6.25; later kernels append discards and flushes. */
const MIN_COLUMNS = 14;

export function parseDiskStats(text: string): DiskStat[] {
  const disks: DiskStat[] = [];
  for (const line of text.split("\n")) {
    const columns = words(line);
    if (columns.length < MIN_COLUMNS) continue;
    const count = (index: number) => toCount(columns[index], PATH, `column ${index + 1} of ${columns[2]}`);
    disks.push({
      name: columns[2]!,
      reads: count(3),
      readBytes: count(5) * SECTOR_BYTES,
      readMs: count(6),
      writes: count(7),
      writtenBytes: count(9) * SECTOR_BYTES,
      writeMs: count(10),
      inFlight: count(11),
      busyMs: count(12),
      weightedMs: count(13),
    });
  }
  return disks;
}

/**
 * Devices that are not a partition of another one in the list: `sda` but not `sda1`, `nvme0n1` but not `nvme0n1p2`. A
 * lone `xvda1` without `xvda`, as some clouds have it, counts as a disk.
 */
export function wholeDisks(disks: readonly DiskStat[]): DiskStat[] {
  const names = new Set(disks.map((disk) => disk.name));
  return disks.filter(({ name }) => {
    const parent = /^(.*\d)p\d+$/.exec(name)?.[1] ?? /^(.*\D)\d+$/.exec(name)?.[1];
    return parent === undefined || !names.has(parent);
  });
}
