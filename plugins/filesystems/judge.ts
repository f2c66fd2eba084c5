/** The verdict on space. */
import { formatBytes, formatDuration, formatRatio, type FsUsage, type Status } from "cortex";
import type { Config } from "./config.ts";

export interface Space {
  /** Share of what ordinary programs may use, as df(1) prints it: blocks reserved for root are not free. */
  usedRatio: number;
  usedBytes: number;
  /** Left for ordinary programs. */
  freeBytes: number;
  sizeBytes: number;
  /** Milliseconds until full by its own trend; null when not foreseeable. */
  fullInMs: number | null;
}

export function spaceOf(usage: FsUsage): Space {
  const usedBytes = usage.totalBytes - usage.freeBytes;
  const usable = usedBytes + usage.availableBytes;
  return {
    usedRatio: usable > 0 ? usedBytes / usable : 0,
    usedBytes,
    freeBytes: usage.availableBytes,
    sizeBytes: usage.totalBytes,
    fullInMs: null,
  };
}

const reached = (value: number, limit: number | null) => limit !== null && value >= limit;
const holds = (value: number, clear: number | null, limit: number | null) =>
  limit !== null && value > (clear ?? limit);

/**
 * A share alone is wrong at both ends (85 % of 20 TB leaves plenty of room), so that a warning needs company: little room
 * in bytes, or a trend that fills it soon. Only nearly full is bad by itself.
 */
export function judgeSpace(space: Space, limits: Config["fs_space"], previous: Status | null): Status {
  const { usedRatio, freeBytes, fullInMs } = space;
  const within = (ms: number) => fullInMs !== null && fullInMs < ms;
  const low = usedRatio >= limits.critical_low_ratio && freeBytes < limits.critical_free;
  const stillCritical =
    previous === "critical" && holds(usedRatio, limits.clear_critical_ratio, limits.critical_ratio);
  if (low || stillCritical || reached(usedRatio, limits.critical_ratio)) return "critical";
  if (
    reached(usedRatio, limits.warning_ratio) &&
    (freeBytes < limits.warning_free || within(limits.full_within))
  )
    return "warning";
  const wasBad = previous === "warning" || previous === "critical";
  const stillTight =
    holds(usedRatio, limits.clear_warning_ratio, limits.warning_ratio) &&
    (freeBytes < limits.clear_free || within(limits.clear_full_within));
  return wasBad && stillTight ? "warning" : "ok";
}

/** Further away than this is said by nobody who has seen a disk grow. */
const FORESEEABLE_MS = 30 * 86_400_000;

/** "91.2 % full, 4.1 GiB left", with the forecast when there is one. */
export function describeSpace({ usedRatio, freeBytes, fullInMs }: Space): string {
  const soon = fullInMs !== null && fullInMs < FORESEEABLE_MS;
  const forecast = soon ? `, full in ${formatDuration(fullInMs)} at this pace` : "";
  return `${formatRatio(usedRatio)} full, ${formatBytes(freeBytes)} left${forecast}`;
}
