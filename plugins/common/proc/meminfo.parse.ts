/** /proc/meminfo (proc_meminfo(5)); everything in bytes. */
import { unreadable } from "./text.ts";

export interface MemoryInfo {
  totalBytes: number;
  freeBytes: number;
  /** null before Linux 3.14, which has no MemAvailable: see `estimateAvailable`. */
  availableBytes: number | null;
  buffersBytes: number;
  cachedBytes: number;
  activeFileBytes: number;
  inactiveFileBytes: number;
  reclaimableSlabBytes: number;
  sharedBytes: number;
  dirtyBytes: number;
  writebackBytes: number;
  swapTotalBytes: number;
  swapFreeBytes: number;
  swapCachedBytes: number;
  committedBytes: number;
  /** Size of a page, told by the size of a huge one; see `pageSizeOf`. */
  pageBytes: number;
}

const PATH = "/proc/meminfo";
const KIB = 1024;

/**
 * A default huge page is one page of page-table entries, 8 bytes each, times the page size: 2 MiB for 4 KiB pages,
 * 32 MiB for 16 KiB and 512 MiB for 64 KiB (arm64). Any other value (1 GiB by boot option) says nothing: 4 KiB.
 */
function pageSizeOf(hugePageBytes: number | undefined): number {
  return [16 * KIB, 64 * KIB].find((page) => (page / 8) * page === hugePageBytes) ?? 4 * KIB;
}

export function parseMemoryInfo(text: string): MemoryInfo {
  const bytes = new Map<string, number>();
  for (const [, key, kib] of text.matchAll(/^([A-Za-z0-9_()]+):\s+(\d+) kB$/gm))
    bytes.set(key!, Number(kib) * KIB);
  const required = (key: string) => {
    const value = bytes.get(key);
    if (value === undefined) throw unreadable(PATH, `${key} is missing`);
    return value;
  };
  const optional = (key: string) => bytes.get(key) ?? 0;
  const totalBytes = required("MemTotal");
  if (totalBytes === 0) throw unreadable(PATH, "MemTotal is 0");
  return {
    totalBytes,
    freeBytes: required("MemFree"),
    availableBytes: bytes.get("MemAvailable") ?? null,
    buffersBytes: optional("Buffers"),
    cachedBytes: optional("Cached"),
    activeFileBytes: optional("Active(file)"),
    inactiveFileBytes: optional("Inactive(file)"),
    reclaimableSlabBytes: optional("SReclaimable"),
    sharedBytes: optional("Shmem"),
    dirtyBytes: optional("Dirty"),
    writebackBytes: optional("Writeback"),
    swapTotalBytes: optional("SwapTotal"),
    swapFreeBytes: optional("SwapFree"),
    swapCachedBytes: optional("SwapCached"),
    committedBytes: optional("Committed_AS"),
    pageBytes: pageSizeOf(bytes.get("Hugepagesize")),
  };
}

/**
 * MemAvailable for kernels that don't tell, by the kernel's own rule (commit 34e431b0ae39): free memory plus page cache
 * and reclaimable slab, each without the half, or the low watermark if that is less, that has to stay. The watermark is
 * 5/4 of `vm.min_free_kbytes`, as procps does it.
 */
export function estimateAvailable(memory: MemoryInfo, minFreeKiB: number): number {
  const watermark = (minFreeKiB * KIB * 5) / 4;
  const usable = (bytes: number) => bytes - Math.min(bytes / 2, watermark);
  const cache = memory.activeFileBytes + memory.inactiveFileBytes;
  const estimate = memory.freeBytes - watermark + usable(cache) + usable(memory.reclaimableSlabBytes);
  return Math.min(memory.totalBytes, Math.max(0, Math.round(estimate)));
}
