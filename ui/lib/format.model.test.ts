import { describe, expect, test } from "bun:test";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatDuration,
  formatMoment,
  formatPercent,
  formatPoint,
  shortId,
} from "./format.model.ts";

const NOW = Date.UTC(2026, 10, 22, 14, 20, 30);

describe("ages", () => {
  test.each([
    [0, "now"],
    [4999, "now"],
    [13_000, "10s ago"],
    [59_999, "55s ago"],
    [61_000, "1m ago"],
    [3_599_000, "59m ago"],
    [7_200_000, "2h ago"],
    [86_400_000, "yesterday"],
    [3 * 86_400_000, "3d ago"],
  ])("%d ms ago is %s", (ms, shown) => {
    expect(formatAge(NOW - ms, NOW, "en")).toBe(shown);
  });

  test("what lies ahead counts down", () => {
    expect(formatAge(NOW + 125_000, NOW, "en")).toBe("in 2m");
  });

  test("they follow the language", () => {
    expect(formatAge(NOW - 120_000, NOW, "zh")).toBe("2分钟前");
  });
});

test("clocks show hours only when there are any", () => {
  expect([0, 42_000, 724_000, 3_723_000, -5].map(formatClock)).toEqual([
    "00:00",
    "00:42",
    "12:04",
    "1:02:03",
    "00:00",
  ]);
});

test("durations have at most two units", () => {
  expect([850, 4000, 72_000, 11_100_000, 180_000_000].map((ms) => formatDuration(ms, "en"))).toEqual([
    "850ms",
    "4s",
    "1m 12s",
    "3h 5m",
    "2d 2h",
  ]);
});

test("a point in time names the day only when it is another one", () => {
  expect(formatPoint(NOW - 60_000, NOW, "en-GB", "UTC")).toBe("14:19:30");
  expect(formatPoint(NOW - 26 * 3_600_000, NOW, "en-GB", "UTC")).toBe("21 Nov, 12:20");
});

test("moments are in the reader's time zone and have 24 hours", () => {
  expect(formatMoment(NOW, "en-GB", "Asia/Shanghai")).toBe("22 Nov 2026, 22:20:30");
  expect(formatMoment(NOW, "en-US", "UTC")).toBe("Nov 22, 2026, 14:20:30");
});

test("bytes are counted in 1024s", () => {
  expect([0, 1023, 1536, 30.2 * 1024 ** 3, 470 * 1024 ** 3].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "30.2 GiB",
    "470 GiB",
  ]);
});

test("shares are whole percents", () => {
  expect([0, 0.934, 1].map(formatPercent)).toEqual(["0%", "93%", "100%"]);
});

test("long ids are shortened, short ones are not", () => {
  expect(shortId("019a6f2e-1000-7c41-9b3e-5d20c4a1f001")).toBe("019a6f2e…f001");
  expect(shortId("deadbeef")).toBe("deadbeef");
});

test("a moment in another year names the year", () => {
  expect(formatPoint(Date.UTC(2030, 2, 31), NOW, "en-GB", "UTC")).toBe("31 Mar 2030, 00:00");
  expect(formatPoint(Date.UTC(2026, 2, 31), NOW, "en-GB", "UTC")).toBe("31 Mar, 00:00");
});
