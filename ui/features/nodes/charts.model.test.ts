import { expect, test } from "bun:test";
import type { MetricSeries } from "../../data/types.ts";
import { chartsOf, joinSeries, ratesOf, summed } from "./charts.model.ts";
import { resolutionFor, spanOf, zoomQuery } from "./range.model.ts";
import { text } from "./texts.ts";

const en = text();

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22, 12);
const series = (
  name: string,
  points: MetricSeries["points"],
  band: MetricSeries["band"] = null,
): MetricSeries => ({
  series: name,
  points,
  band,
});
const mapOf = (...all: MetricSeries[]) => new Map(all.map((one) => [one.series, one]));

test("a node has charts of what it measures, and none of what it does not have", () => {
  const found = mapOf(
    series("cpu_usage:host:cpu.usage_ratio", [[0, 0.2]]),
    series("cpu_steal:host:cpu.steal_ratio", [[0, 0.001]]),
    series("fs_space:/:fs.used_ratio", [[0, 0.3]]),
    series("fs_space:/var:fs.used_ratio", [[0, 0.9]]),
  );
  const charts = chartsOf(found, 15_000, 4, en);
  expect(charts.map(({ id }) => id)).toEqual(["cpu", "space"]);
  expect(charts[0]!.lines.map(({ label }) => label)).toEqual([en.chart.busy]);
  expect(charts[1]!.lines.map(({ label }) => label)).toEqual(["/var", "/"]);
});

test("memory reaches up to what the host has", () => {
  const found = mapOf(
    series("mem_available:host:memory.used_bytes", [[0, 5]]),
    series("mem_available:host:memory.total_bytes", [
      [0, 8],
      [15, null],
    ]),
  );
  expect(chartsOf(found, 15, null, en)[0]).toMatchObject({ id: "memory", top: 8 });
});

test("a band follows its points through gaps", () => {
  const found = mapOf(
    series(
      "cpu_usage:host:cpu.usage_ratio",
      [
        [0, 1],
        [300, 2],
        [2000, 3],
      ],
      [
        [0, 2],
        [1, 3],
        [2, 4],
      ],
    ),
  );
  const [busy] = chartsOf(found, 300, null, en)[0]!.lines;
  expect(busy!.points.map(([at]) => at)).toEqual([0, 300, 600, 2000]);
  expect(busy!.band).toEqual([[0, 2], [1, 3], null, [2, 4]]);
});

test("a counter becomes a rate; a restart and a silence say nothing", () => {
  expect(
    ratesOf([
      [0, 100],
      [1000, 300],
      [2000, 50],
      [3000, 150],
      [4000, null],
      [9000, 200],
    ]),
  ).toEqual([
    [1000, 200],
    [3000, 100],
  ]);
});

test("disks count together where they report together", () => {
  expect(
    summed([
      [
        [0, 1],
        [10, 2],
      ],
      [
        [10, 5],
        [20, 1],
      ],
    ]),
  ).toEqual([
    [0, 1],
    [10, 7],
    [20, 1],
  ]);
});

test("the newest points take the place of those they cover, and what left the span goes", () => {
  const known = mapOf(
    series("a", [
      [0, 1],
      [10, 2],
      [20, 3],
    ]),
    series("gone", [[0, 1]]),
  );
  const joined = joinSeries(
    known,
    [
      series("a", [
        [20, 4],
        [30, 5],
      ]),
      series("new", [[30, 1]]),
    ],
    20,
    10,
  );
  expect([...joined.keys()]).toEqual(["a", "new"]);
  expect(joined.get("a")!.points).toEqual([
    [10, 2],
    [20, 4],
    [30, 5],
  ]);
});

test("each range has its own roll-up and about 400 points at most", () => {
  for (const [range, resolution] of [
    ["1h", "raw"],
    ["6h", 60],
    ["24h", 300],
    ["7d", 1800],
    ["30d", 7200],
  ] as const) {
    const span = spanOf({ range }, NOW);
    expect(span).toMatchObject({ to: NOW, isLive: true, resolution });
    expect((span.to - span.from) / span.stepMs).toBeLessThanOrEqual(400);
  }
  expect(resolutionFor(400 * 24 * HOUR).resolution).toBe(86_400);
});

test("the chosen range is what is shown, an hour when none is chosen", () => {
  const spanMs = (range?: string) => {
    const { from, to } = spanOf({ range }, NOW);
    return to - from;
  };
  expect([spanMs(), spanMs("1h"), spanMs("6h"), spanMs("30d")]).toEqual([HOUR, HOUR, 6 * HOUR, 720 * HOUR]);
});

test("a zoom is in the address and stands still; nonsense shows the last hour", () => {
  const zoom = zoomQuery(NOW - HOUR + 499, NOW);
  expect(zoom.from).toBe("2026-11-22T11:00:00.000Z");
  expect(spanOf(zoom, NOW + HOUR)).toMatchObject({ from: NOW - HOUR, to: NOW, isLive: false });
  expect(spanOf({ from: "yesterday", to: "now" }, NOW)).toMatchObject({ to: NOW, isLive: true });
  const tiny = zoomQuery(NOW, NOW + 1000);
  expect(Date.parse(tiny.to) - Date.parse(tiny.from)).toBe(120_000);
});
