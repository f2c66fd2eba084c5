/** What chronyc(1) and timedatectl(1) print about the clock. */
import { defineErrors } from "cortex";

const errors = defineErrors("time-sync", { unreadable: "internal" });

export interface Tracking {
  synced: boolean;
  /** How far the clock is off, seconds; the sign says nothing here. */
  offsetSeconds: number;
  /** Bound of the error: half the root delay and the root dispersion. It grows when the servers fall silent. */
  maxErrorSeconds: number;
  server: string;
  stratum: number;
}

/** Columns of `chronyc -c tracking`. */
const COLUMN = { name: 1, stratum: 2, offset: 4, rootDelay: 10, rootDispersion: 11, leap: 13 } as const;

/** Example: "C0A80101,192.168.1.1,3,1767225600.1,0.000012,…,0.0123,0.0009,64.2,Normal". */
export function parseTracking(text: string): Tracking {
  const line = text.trim().split("\n")[0]!;
  const columns = line.split(",");
  const number = (column: number) => (columns[column]?.trim() ? Number(columns[column]) : Number.NaN);
  const [offset, delay, dispersion] = [
    number(COLUMN.offset),
    number(COLUMN.rootDelay),
    number(COLUMN.rootDispersion),
  ];
  const leap = columns[COLUMN.leap];
  if (leap === undefined || ![offset, delay, dispersion].every(Number.isFinite))
    throw errors.unreadable(`chronyc tracking printed a line without its 14 columns: ${line.slice(0, 80)}`);
  return {
    synced: leap.trim() !== "Not synchronised",
    offsetSeconds: Math.abs(offset),
    maxErrorSeconds: Math.abs(delay) / 2 + dispersion,
    server: columns[COLUMN.name]!,
    stratum: number(COLUMN.stratum) || 0,
  };
}

const SECONDS: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };

/** "-1.118ms", "+1min 2.5s" → seconds without sign; null when it is no time span of systemd.time(7). */
export function parseTimeSpan(text: string): number | null {
  const parts = text.trim().replace(/^[+-]/, "").split(/\s+/);
  let seconds = 0;
  for (const part of parts) {
    const match = /^(\d+(?:\.\d+)?)(us|ms|s|min|h|d)$/.exec(part);
    if (!match) return null;
    seconds += Number(match[1]) * SECONDS[match[2]!]!;
  }
  return seconds;
}

/** `timedatectl timesync-status`; `offsetSeconds` is null before the first answer of a server. */
export function parseTimesyncStatus(text: string): { server: string | null; offsetSeconds: number | null } {
  const lines = text.split("\n").map((line) => line.trim());
  const value = (key: string) => {
    const line = lines.find((candidate) => candidate.startsWith(`${key}:`));
    return line?.slice(key.length + 1).trim() || null;
  };
  const offset = value("Offset");
  const offsetSeconds = offset === null ? null : parseTimeSpan(offset);
  if (offset !== null && offsetSeconds === null)
    throw errors.unreadable(`timedatectl printed an offset that is no time span: ${offset.slice(0, 40)}`);
  return { server: value("Server"), offsetSeconds };
}

/** `timedatectl show`: what the kernel says, whatever daemon steers it. */
export function parseTimedate(text: string): { synced: boolean; enabled: boolean } {
  const synced = /^NTPSynchronized=(yes|no)$/m.exec(text)?.[1];
  if (synced === undefined) throw errors.unreadable("timedatectl show did not print NTPSynchronized");
  return { synced: synced === "yes", enabled: /^NTP=yes$/m.test(text) };
}
