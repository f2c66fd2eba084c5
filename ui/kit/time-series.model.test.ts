import { expect, test } from "bun:test";
import {
  alignBand,
  alignLines,
  axisTop,
  extremesOf,
  nearest,
  silences,
  usualStep,
  valueAt,
  withGaps,
  type Line,
} from "./time-series.model.ts";

const line = (points: Line["points"], more: Partial<Line> = {}): Line => ({
  label: "x",
  color: 1,
  points,
  ...more,
});

test("lines with times of their own share one axis, and where one has no point it has no gap either", () => {
  const columns = alignLines([
    line([
      [10, 1],
      [20, 2],
      [30, null],
    ]),
    line([
      [20, 5],
      [25, 6],
    ]),
  ]);
  expect(columns.times).toEqual([10, 20, 25, 30]);
  expect(columns.values).toEqual([
    [1, 2, null, null],
    [undefined, 5, 6, undefined],
  ]);
});

test("a gap reaches to the next values, past the points of other lines", () => {
  const gappy = line([
    [0, 1],
    [15, null],
    [90, 2],
  ]);
  const other = line([
    [10, 1],
    [20, 1],
    [95, 1],
  ]);
  expect(alignLines([gappy, other]).values[0]).toEqual([1, null, null, null, 2, undefined]);
});

test("a point without a band is its own band", () => {
  const banded = line(
    [
      [10, 2],
      [20, 4],
    ],
    { band: [[1, 3], null] },
  );
  expect(alignBand(banded, [10, 15, 20])).toEqual([
    [1, undefined, 4],
    [3, undefined, 4],
  ]);
});

test("silence longer than two and a half steps is a gap, not a line and not zero", () => {
  expect(
    withGaps(
      [
        [0, 1],
        [15, 2],
        [30, 3],
        [90, 4],
      ],
      15,
    ),
  ).toEqual([
    [0, 1],
    [15, 2],
    [30, 3],
    [45, null],
    [90, 4],
  ]);
});

test("gaps of the server are made anew, so that a tail joins what was there", () => {
  expect(
    withGaps(
      [
        [0, 1],
        [15, null],
        [16, 2],
      ],
      15,
    ),
  ).toEqual([
    [0, 1],
    [16, 2],
  ]);
});

test("the usual step is the median: one pause does not stretch it", () => {
  expect(usualStep([0, 60, 120, 180, 3600])).toBe(60);
  expect(usualStep([5])).toBe(0);
});

test("a silence lasts until the end of the chart when nothing came after it", () => {
  const columns = alignLines([
    line([
      [0, 1],
      [15, 1],
      [30, 1],
      [100, 1],
      [115, 1],
    ]),
  ]);
  expect(silences(columns, 0, 200, 15)).toEqual([
    [30, 100],
    [115, 200],
  ]);
  expect(silences(columns, 0, 120, 15)).toEqual([[30, 100]]);
});

test("the time before the first value is a silence, too: a young node has no hour to show", () => {
  const columns = alignLines([
    line([
      [3000, 1],
      [3015, 1],
    ]),
  ]);
  expect(silences(columns, 0, 3020, 15)).toEqual([[0, 3000]]);
  expect(silences(columns, 2990, 3020, 15)).toEqual([]);
  expect(silences(alignLines([]), 0, 3020, 15)).toEqual([[0, 3020]]);
});

test("the nearest time is found on both sides and at the ends", () => {
  expect([-5, 4, 6, 15, 99].map((at) => nearest([0, 10, 20], at))).toEqual([0, 0, 1, 1, 2]);
  expect(nearest([], 5)).toBe(-1);
});

test("a slow line keeps its last value under the cursor, for a while", () => {
  const columns = alignLines([
    line([
      [0, 1],
      [10, 2],
      [20, 3],
      [30, 4],
    ]),
    line([[0, 7]]),
  ]);
  expect(valueAt(columns, 1, 2, 30)).toBe(7);
  expect(valueAt(columns, 1, 3, 15)).toBeNull();
});

test("highest and last value leave gaps out", () => {
  expect(
    extremesOf([
      [0, 3],
      [10, 9],
      [20, null],
      [30, 4],
    ]),
  ).toEqual({ last: 4, max: 9, maxAt: 10 });
  expect(extremesOf([[0, null]])).toBeNull();
});

test("the value axis never zooms into noise, and never cuts a peak", () => {
  expect(axisTop("ratio", 0.004, undefined)).toBe(0.05);
  expect(axisTop("ratio", 0.4, 1)).toBe(1);
  expect(axisTop("number", 8, 4)).toBe(8);
});
