/** Which charts a node has, from which series, and how numbers become lines. Series are named `check:target:metric`. */
import type { Line, Point, Unit } from "../../kit/time-series.model.ts";
import { withGaps } from "../../kit/time-series.model.ts";
import type { MetricSeries } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

export interface Chart {
  id: string;
  title: string;
  unit: Unit;
  top?: number;
  limit?: { value: number; label: string };
  lines: Line[];
}

type SeriesMap = ReadonlyMap<string, MetricSeries>;

/** Everything the overview shows, asked for at once. */
export const PATTERNS = [
  "cpu_usage:host:cpu.usage_ratio",
  "cpu_usage:host:cpu.iowait_ratio",
  "cpu_steal:host:cpu.steal_ratio",
  "mem_available:host:memory.used_bytes",
  "mem_available:host:memory.cached_bytes",
  "mem_available:host:memory.total_bytes",
  "load_per_core:host:cpu.load*",
  "psi_*:host:pressure.*_some_60s_ratio",
  "disk_busy:*:disk.read_bytes_per_second",
  "disk_busy:*:disk.write_bytes_per_second",
  "nic_link:*:nic.receive_bytes_total",
  "nic_link:*:nic.transmit_bytes_total",
  "fs_space:*:fs.used_ratio",
];

/** More lines than this can't be told apart. */
const MOST_LINES = 5;

/** Charts that have something to show; a host without a network card has no network chart. */
export function chartsOf(series: SeriesMap, stepMs: number, cpuCount: number | null, t: Texts): Chart[] {
  const c = t.chart;
  const one = (name: string) => series.get(name);
  const line = (
    label: string,
    color: number,
    found: MetricSeries | undefined,
    more: Partial<Line> = {},
  ): Line[] =>
    found === undefined
      ? []
      : [{ label, color, points: withGaps(found.points, stepMs), ...banded(found, stepMs, more), ...more }];
  const computed = (label: string, color: number, points: Point[], more: Partial<Line> = {}): Line[] =>
    points.length === 0 ? [] : [{ label, color, points: withGaps(points, stepMs), ...more }];

  const total = one("mem_available:host:memory.total_bytes")?.points.findLast(
    ([, value]) => value !== null,
  )?.[1];
  const charts: Chart[] = [
    {
      id: "cpu",
      title: c.cpu,
      unit: "ratio",
      top: 1,
      lines: [
        ...line(c.busy, 1, one("cpu_usage:host:cpu.usage_ratio"), { area: true }),
        ...line(c.iowait, 2, one("cpu_usage:host:cpu.iowait_ratio")),
        ...stolen(one("cpu_steal:host:cpu.steal_ratio")).flatMap((found) =>
          line(c.steal, 3, found, { dashed: true }),
        ),
      ],
    },
    {
      id: "memory",
      title: c.memory,
      unit: "bytes",
      ...(total == null ? {} : { top: total }),
      lines: [
        ...line(c.used, 1, one("mem_available:host:memory.used_bytes"), { area: true }),
        ...line(c.cached, 4, one("mem_available:host:memory.cached_bytes"), { dashed: true }),
      ],
    },
    {
      id: "load",
      title: c.load,
      unit: "number",
      ...(cpuCount === null ? {} : { limit: { value: cpuCount, label: c.processors(cpuCount) } }),
      lines: [
        ...line(c.minutes(1), 1, one("load_per_core:host:cpu.load1"), { area: true }),
        ...line(c.minutes(5), 2, one("load_per_core:host:cpu.load5")),
        ...line(c.minutes(15), 4, one("load_per_core:host:cpu.load15"), { dashed: true }),
      ],
    },
    {
      id: "pressure",
      title: c.pressure,
      unit: "ratio",
      lines: [
        ...line(c.cpu, 1, one("psi_cpu:host:pressure.cpu_some_60s_ratio")),
        ...line(c.memory, 2, one("psi_memory:host:pressure.memory_some_60s_ratio")),
        ...line(c.io, 3, one("psi_io:host:pressure.io_some_60s_ratio")),
      ],
    },
    {
      id: "disk",
      title: c.disk,
      unit: "rate",
      lines: [
        ...computed(c.read, 1, summed(pointsOf(series, "disk_busy:", ":disk.read_bytes_per_second"))),
        ...computed(c.written, 2, summed(pointsOf(series, "disk_busy:", ":disk.write_bytes_per_second"))),
      ],
    },
    {
      id: "network",
      title: c.network,
      unit: "rate",
      lines: [
        ...computed(
          c.received,
          1,
          summed(pointsOf(series, "nic_link:", ":nic.receive_bytes_total").map(ratesOf)),
        ),
        ...computed(
          c.sent,
          2,
          summed(pointsOf(series, "nic_link:", ":nic.transmit_bytes_total").map(ratesOf)),
        ),
      ],
    },
    { id: "space", title: c.space, unit: "ratio", top: 1, lines: spaceLines(series, stepMs) },
  ];
  return charts.filter((chart) => chart.lines.length > 0);
}

/** A band belongs to the filled line only: several of them would hide each other. */
function banded(found: MetricSeries, stepMs: number, more: Partial<Line>): Pick<Line, "band"> {
  if (found.band === null || more.area !== true) return {};
  const known = new Map(found.points.map(([at], index) => [at, found.band![index] ?? null]));
  return { band: withGaps(found.points, stepMs).map(([at]) => known.get(at) ?? null) };
}

/** A host of one's own has no processor time stolen: no line for what is always zero. */
const stolen = (found: MetricSeries | undefined): MetricSeries[] =>
  found?.points.some(([, value]) => (value ?? 0) > 0.005) ? [found] : [];

/** The fullest file systems, fullest first. */
function spaceLines(series: SeriesMap, stepMs: number): Line[] {
  const last = (found: MetricSeries) => found.points.findLast(([, value]) => value !== null)?.[1] ?? 0;
  return [...series.values()]
    .filter(({ series: name }) => name.startsWith("fs_space:") && name.endsWith(":fs.used_ratio"))
    .sort((a, b) => last(b) - last(a))
    .slice(0, MOST_LINES)
    .map((found, index) => ({
      label: found.series.slice("fs_space:".length, -":fs.used_ratio".length),
      color: index + 1,
      dashed: index % 2 === 1,
      points: withGaps(found.points, stepMs),
    }));
}

const pointsOf = (series: SeriesMap, prefix: string, suffix: string): Point[][] =>
  [...series.values()]
    .filter(({ series: name }) => name.startsWith(prefix) && name.endsWith(suffix))
    .map(({ points }) => points);

/** Per second, from a counter; where it restarted or was silent nothing is known. */
export function ratesOf(points: readonly Point[]): Point[] {
  const rates: Point[] = [];
  let before: Point | null = null;
  for (const point of points) {
    const [at, value] = point;
    if (value === null) {
      before = null;
      continue;
    }
    if (before !== null && value >= before[1]!)
      rates.push([at, ((value - before[1]!) * 1000) / (at - before[0])]);
    before = point;
  }
  return rates;
}

/** One line for all disks or cards of a host; values of one time count together. */
export function summed(lists: readonly (readonly Point[])[]): Point[] {
  const totals = new Map<number, number>();
  for (const points of lists)
    for (const [at, value] of points) if (value !== null) totals.set(at, (totals.get(at) ?? 0) + value);
  return [...totals].sort(([a], [b]) => a - b);
}

/** What was known, with the newest points in place of those they cover; what left the span goes. */
export function joinSeries(
  known: SeriesMap,
  tail: readonly MetricSeries[],
  tailFrom: number,
  from: number,
): Map<string, MetricSeries> {
  const joined = new Map<string, MetricSeries>();
  for (const name of new Set([...known.keys(), ...tail.map(({ series }) => series)])) {
    const older = known.get(name);
    const newer = tail.find(({ series }) => series === name);
    const keep = (at: number) => at >= from && at < tailFrom;
    const points = [...(older?.points.filter(([at]) => keep(at)) ?? []), ...(newer?.points ?? [])];
    const bandOf = (part: MetricSeries | undefined, fits: (at: number) => boolean) =>
      part === undefined
        ? []
        : part.points.flatMap(([at], index) => (fits(at) ? [part.band?.[index] ?? null] : []));
    const band =
      (newer ?? older)!.band === null ? null : [...bandOf(older, keep), ...bandOf(newer, () => true)];
    if (points.length > 0) joined.set(name, { series: name, points, band });
  }
  return joined;
}
