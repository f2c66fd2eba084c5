/** Reads series for charts. */
import type { Connection } from "../connection.ts";
import type { Dictionary } from "./dictionary.ts";
import type { MetricSeries, MetricsOptions, MetricsStore, Resolution } from "./metrics-store.ts";
import { BUCKET_MS, type Cell, decodeBucket } from "./rollup.ts";
import { readRaw } from "./rows.ts";
import type { Writer } from "./writer.ts";

const AUTO_RAW_SPAN_MS = 6 * 3_600_000;

/** `step` null: points as reported. */
interface Plan {
  source: "raw" | "rollup";
  step: number | null;
}

interface Point {
  at: number;
  cell: Cell;
}

export function createQuery(
  connection: Connection,
  dictionary: Dictionary,
  writer: Writer,
  options: MetricsOptions,
): MetricsStore["query"] {
  return (node, patterns, from, to, resolution) => {
    const id = dictionary.findNode(node);
    const matching = dictionary
      .seriesOf(node)
      .filter((series) => patterns.some((pattern) => matches(pattern, series.name)));
    if (id === null || matching.length === 0) return [];
    const plan = planFor(from, to, resolution, options);
    const wanted = new Set(matching.map((series) => series.id));
    const start = plan.step === null ? from : Math.floor(from / plan.step) * plan.step;
    const found =
      plan.source === "raw"
        ? reportedPoints(connection, id, wanted, start, to)
        : rolledPoints(connection, writer.openBucket(node), id, wanted, start, to);
    return matching
      .map(({ id: series, name }) => drawn(name, combined(found.get(series) ?? [], plan.step), plan.step))
      .filter((series) => series.points.length > 0);
  };
}

function planFor(from: number, to: number, resolution: Resolution | number, options: MetricsOptions): Plan {
  const rawKept = from >= options.now() - options.rawMs;
  if (resolution === "raw") return { source: "raw", step: null };
  if (resolution === "auto" && rawKept && to - from <= AUTO_RAW_SPAN_MS) return { source: "raw", step: null };
  if (typeof resolution === "number" && rawKept && resolution < BUCKET_MS)
    return { source: "raw", step: Math.max(1, resolution) };
  const step = typeof resolution === "number" ? resolution : BUCKET_MS;
  return { source: "rollup", step: Math.max(1, Math.ceil(step / BUCKET_MS)) * BUCKET_MS };
}

function reportedPoints(
  connection: Connection,
  node: number,
  wanted: ReadonlySet<number>,
  from: number,
  to: number,
): Map<number, Point[]> {
  const points = emptyLists(wanted);
  for (const { at, samples } of readRaw(connection, node, from, to))
    for (const [series, value] of samples)
      points.get(series)?.push({ at, cell: { count: 1, min: value, max: value, sum: value, last: value } });
  return points;
}

function rolledPoints(
  connection: Connection,
  open: ReturnType<Writer["openBucket"]>,
  node: number,
  wanted: ReadonlySet<number>,
  from: number,
  to: number,
): Map<number, Point[]> {
  const points = emptyLists(wanted);
  const rows = connection.all<{ at: number; cells: Uint8Array }>(
    "SELECT bucket AS at, cells FROM rollup WHERE node = ? AND bucket >= ? AND bucket <= ? ORDER BY bucket",
    node,
    from,
    to,
  );
  for (const { at, cells } of rows)
    if (at !== open?.bucket)
      for (const [series, cell] of decodeBucket(cells, wanted)) points.get(series)?.push({ at, cell });
  if (open === null || open.bucket < from || open.bucket > to) return points;
  for (const [series, cell] of open.cells) points.get(series)?.push({ at: open.bucket, cell });
  // A late report can have opened a bucket before others that are stored.
  for (const list of points.values()) list.sort((a, b) => a.at - b.at);
  return points;
}

function emptyLists(ids: ReadonlySet<number>): Map<number, Point[]> {
  return new Map([...ids].map((id) => [id, []]));
}

/** Ascending points put together in buckets of `step`. */
function combined(points: readonly Point[], step: number | null): Point[] {
  if (step === null) return [...points];
  const buckets: Point[] = [];
  for (const { at, cell } of points) {
    const start = Math.floor(at / step) * step;
    const current = buckets.at(-1);
    if (current?.at === start) current.cell = mergeCells(current.cell, cell);
    else buckets.push({ at: start, cell });
  }
  return buckets;
}

function mergeCells(earlier: Cell, later: Cell): Cell {
  return {
    count: earlier.count + later.count,
    min: Math.min(earlier.min, later.min),
    max: Math.max(earlier.max, later.max),
    sum: earlier.sum + later.sum,
    last: later.last,
  };
}

/** With a null between two points that lie more than two and a half usual steps apart. */
function drawn(series: string, found: readonly Point[], step: number | null): MetricSeries {
  const usual = Math.max(usualStep(found), step ?? 1);
  const isCounter = series.endsWith("_total");
  const points: MetricSeries["points"] = [];
  const band: MetricSeries["band"] = [];
  for (const [index, { at, cell }] of found.entries()) {
    const before = found[index - 1];
    if (before !== undefined && at - before.at > usual * 2.5) {
      points.push([before.at + usual, null]);
      band.push(null);
    }
    points.push([at, isCounter ? cell.last : cell.sum / cell.count]);
    band.push([cell.min, cell.max]);
  }
  return { series, points, band: step === null ? null : band };
}

/** Median distance of neighbours: checks have their own intervals, and an hourly one has no gaps at 5 minutes. */
function usualStep(points: readonly Point[]): number {
  const steps = points.slice(1).map((point, index) => point.at - (points[index]?.at ?? 0));
  return steps.sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0;
}

/** `*` stands for any text. By hand, because a regular expression made of a stranger's text may take for ever. */
export function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
