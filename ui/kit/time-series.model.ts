/** What a chart needs to know about its numbers, without a canvas: one time axis, gaps, the value at a time, words. */
import { formatBytes } from "../lib/format.model.ts";
import { dateFormat, numberFormat } from "../lib/formats.ts";

export type Point = readonly [at: number, value: number | null];

/** ratio: 0–1 shown as percent. bytes and rate are 1024-based. */
export type Unit = "ratio" | "bytes" | "rate" | "number";

export interface Line {
  label: string;
  /** 1–5: a colour of kit/tokens.css. */
  color: number;
  /** Filled down to zero; for the line that says the most. */
  area?: boolean;
  dashed?: boolean;
  points: readonly Point[];
  /** Smallest and largest value behind each point, where it stands for many. */
  band?: readonly (readonly [min: number, max: number] | null)[] | null;
}

/** One column of times, one of values per line. null is a gap; undefined: this line has no point at that time. */
export interface Columns {
  times: number[];
  values: (number | null | undefined)[][];
}

export function alignLines(lines: readonly Line[]): Columns {
  const times = [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))].sort((a, b) => a - b);
  const places = new Map(times.map((at, index) => [at, index]));
  const values = lines.map(({ points }) => {
    const column: (number | null | undefined)[] = Array.from({ length: times.length });
    for (const [at, value] of points) column[places.get(at)!] = value;
    return widenGaps(column);
  });
  return { times, values };
}

/** A gap reaches to the next values: places between, at which only other lines have a point, belong to it. */
function widenGaps(column: Columns["values"][number]): Columns["values"][number] {
  for (const [index, value] of column.entries()) {
    if (value !== null) continue;
    for (const by of [-1, 1])
      for (
        let place = index + by;
        place >= 0 && place < column.length && column[place] === undefined;
        place += by
      )
        column[place] = null;
  }
  return column;
}

/** Columns of smallest and largest values, in the order of `times`; a single value is its own band. */
export function alignBand(
  line: Line,
  times: readonly number[],
): [low: Columns["values"][number], high: Columns["values"][number]] {
  const places = new Map(line.points.map(([at], index) => [at, index]));
  const side = (pick: 0 | 1) =>
    times.map((at) => {
      const index = places.get(at);
      if (index === undefined) return undefined;
      return line.band?.[index]?.[pick] ?? line.points[index]![1];
    });
  return [side(0), side(1)];
}

/** Median distance of neighbours; a check that runs once an hour has no gaps at five minutes. */
export function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((at, index) => at - times[index]!);
  return steps.sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0;
}

/** With a null wherever more than two and a half usual steps passed in silence. Nulls that were there are made anew. */
export function withGaps(points: readonly Point[], stepMs: number): Point[] {
  const known = points.filter(([, value]) => value !== null);
  const usual = Math.max(stepMs, usualStep(known.map(([at]) => at)));
  const drawn: Point[] = [];
  for (const point of known) {
    const before = drawn.at(-1);
    if (before !== undefined && point[0] - before[0] > usual * 2.5) drawn.push([before[0] + usual, null]);
    drawn.push(point);
  }
  return drawn;
}

/** Spans in which no line has a value, also before the first and after the last: nobody knows what happened there. */
export function silences(
  columns: Columns,
  from: number,
  to: number,
  stepMs: number,
): [from: number, to: number][] {
  const known = columns.times.filter((_, index) =>
    columns.values.some((column) => typeof column[index] === "number"),
  );
  const usual = Math.max(stepMs, usualStep(known));
  const ends = [from, ...known.filter((at) => at > from), to];
  return ends
    .slice(1)
    .map((at, index): [number, number] => [ends[index]!, at])
    .filter(([start, end]) => end - start > usual * 2.5);
}

/** Index of the time nearest to `at`; -1 when there is none. */
export function nearest(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length - 1];
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - times[low - 1]! <= times[low]! - at ? low - 1 : low;
}

/** Value of a line at a place, or at the last place before it at which the line has one, up to `within` ms back. */
export function valueAt(columns: Columns, line: number, index: number, within: number): number | null {
  const column = columns.values[line] ?? [];
  for (let place = index; place >= 0; place -= 1) {
    const value = column[place];
    if (columns.times[index]! - columns.times[place]! > within) return null;
    if (value !== undefined) return value;
  }
  return null;
}

export interface Extremes {
  last: number;
  max: number;
  maxAt: number;
}

/** null without a single value. */
export function extremesOf(points: readonly Point[]): Extremes | null {
  let found: Extremes | null = null;
  for (const [at, value] of points) {
    if (value === null) continue;
    if (found === null || value > found.max) found = { last: value, max: value, maxAt: at };
    found.last = value;
  }
  return found;
}

/** Top of the value axis: what is fixed, else a little room above the highest value and never a flat line of noise. */
export function axisTop(unit: Unit, highest: number, fixed: number | undefined): number {
  if (fixed !== undefined) return Math.max(fixed, highest);
  const least = unit === "ratio" ? 0.05 : unit === "number" ? 1 : 1024;
  return Math.max(least, highest * 1.1);
}

/** "41%", "3.4%", "1.2 GiB", "14.0 KiB/s", "0.42". */
export function formatValue(unit: Unit, value: number, locale: string): string {
  switch (unit) {
    case "ratio": {
      const digits = value > 0 && value < 0.1 ? 1 : 0;
      return numberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(value);
    }
    case "bytes":
      return formatBytes(value);
    case "rate":
      return `${formatBytes(value)}/s`;
    case "number":
      return numberFormat(locale, { maximumSignificantDigits: 3 }).format(value);
  }
}

/** Labels of the value axis, where every value is round. */
export const formatLevel = (unit: Unit, value: number, locale: string): string =>
  formatValue(unit, value, locale).replace(/\.0 /, " ");

const DAY_MS = 86_400_000;

/** Labels of the time axis: as much of date and time as the span needs. */
export function formatTick(at: number, spanMs: number, locale: string): string {
  const options: Intl.DateTimeFormatOptions =
    spanMs <= 2 * DAY_MS
      ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
      : { month: "short", day: "numeric" };
  return dateFormat(locale, options).format(at);
}
