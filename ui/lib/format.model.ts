/** Numbers and times as people read them. */
import { dateFormat, numberFormat, relativeFormat } from "./formats.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12s ago", "in 4m" in the user's language. Seconds count in steps of five, so that a list does not flicker. */
export function formatAge(at: number, now: number, language: string): string {
  const age = now - at;
  const size = Math.abs(age);
  const format = relativeFormat(language);
  const signed = (unitMs: number) => -Math.sign(age) * Math.floor(size / unitMs);
  if (size < 5000) return format.format(0, "second");
  if (size < MINUTE) return format.format(signed(5000) * 5, "second");
  if (size < HOUR) return format.format(signed(MINUTE), "minute");
  if (size < DAY) return format.format(signed(HOUR), "hour");
  return format.format(signed(DAY), "day");
}

/** "00:42", "12:04", "1:02:03": clocks that run up or down. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`;
}

const UNITS: readonly [number, "day" | "hour" | "minute" | "second"][] = [
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
  [1000, "second"],
];

/** "850ms", "4s", "1m 12s", "3h 5m": at most two units. */
export function formatDuration(ms: number, language: string): string {
  const unit = (value: number, name: string) =>
    numberFormat(language, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);
  if (ms < 1000) return unit(Math.max(0, Math.round(ms)), "millisecond");
  const first = UNITS.findIndex(([size]) => ms >= size);
  const [size, name] = UNITS[first]!;
  const lead = unit(Math.floor(ms / size), name);
  const next = UNITS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[0]);
  return next === undefined || rest === 0 ? lead : `${lead} ${unit(rest, next[1])}`;
}

const TIME: Intl.DateTimeFormatOptions = {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};

/** Local date and time, to the second. */
export function formatMoment(at: number, locale: string, timeZone?: string): string {
  const date: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };
  return dateFormat(locale, { ...date, ...TIME, timeZone }).format(at);
}

/** Time of day to the second for today, date and minute for other days, the year where it is another one. */
export function formatPoint(at: number, now: number, locale: string, timeZone?: string): string {
  const day = (ms: number) => dateFormat(locale, { dateStyle: "short", timeZone }).format(ms);
  const year = (ms: number) => dateFormat(locale, { year: "numeric", timeZone }).format(ms);
  const other = year(at) === year(now) ? {} : ({ year: "numeric" } as const);
  const options: Intl.DateTimeFormatOptions =
    day(at) === day(now) ? TIME : { ...TIME, ...other, month: "short", day: "numeric", second: undefined };
  return dateFormat(locale, { ...options, timeZone }).format(at);
}

/** "10,001". */
export const formatCount = (count: number, locale: string): string =>
  count < 1000 ? String(count) : numberFormat(locale).format(count);

export const formatPercent = (ratio: number): string => `${Math.round(ratio * 100)}%`;

/** 1024-based: "4.1 GiB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** First and last characters of an id, enough to tell two apart. */
export const shortId = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`);
