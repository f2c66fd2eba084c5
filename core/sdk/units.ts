/** Durations and sizes: one grammar for config files, command line and summaries. */
import * as z from "zod";

const DURATION_UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const BYTE_UNITS: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** "250ms", "2s", "1h30m", "0" → milliseconds; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  if (text.trim() === "0") return 0;
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text.trim()) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * DURATION_UNIT_MS[unit!]!, 0);
}

/** "10GiB", "512 MB", "4096" → bytes; null when the text is no size. Bare K/M/G/T are powers of 1024. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return null;
  const unit = match[2] ? BYTE_UNITS[match[2].toLowerCase()] : 1;
  return unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

/** 90_000 → "1m30s", 250 → "250ms": the two largest units that apply. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "never";
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const units: [string, number][] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ];
  let rest = Math.round(ms / 1000) * 1000;
  const parts: string[] = [];
  for (const [name, size] of units) {
    if (rest < size || parts.length === 2) continue;
    parts.push(`${Math.floor(rest / size)}${name}`);
    rest %= size;
  }
  return parts.join("") || "0s";
}

/** 1_610_612_736 → "1.5 GiB". */
export function formatBytes(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let index = 0;
  while (Math.abs(value) >= 1024 && index < names.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 ? value : value.toFixed(1)} ${names[index]}`;
}

/** 0.8734 → "87.3 %". */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

const DURATION = 'must be a duration such as "30s", "5m" or "1h30m"';
const durationText = z
  .string({ error: DURATION })
  .refine((text) => parseDuration(text) !== null, { error: DURATION })
  .transform((text) => parseDuration(text) as number);

const bytesText = z
  .union([z.string(), z.number().int().nonnegative()])
  .refine((value) => parseBytes(String(value)) !== null, {
    error: 'must be a size such as "64MiB" or "10GB"',
  })
  .transform((value) => parseBytes(String(value)) as number);

/**
 * A config field that takes a duration string and gives milliseconds; required without a fallback.
 * Example: `interval: duration("30s").describe("How often to look.")`.
 */
export function duration(): typeof durationText;
export function duration(fallback: string): z.ZodPrefault<typeof durationText>;
export function duration(fallback?: string) {
  return fallback === undefined ? durationText : durationText.prefault(fallback);
}

/** A config field that takes a size string and gives bytes. Example: `min_free: bytes("10GiB")`. */
export function bytes(): typeof bytesText;
export function bytes(fallback: string): z.ZodPrefault<typeof bytesText>;
export function bytes(fallback?: string) {
  return fallback === undefined ? bytesText : bytesText.prefault(fallback);
}
