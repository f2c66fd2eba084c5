import { expect, test } from "bun:test";
import fc from "fast-check";
import type { CpuTimes } from "../common/proc/stat.parse.ts";
import { shares } from "./cpu.parse.ts";

const times = (over: Partial<CpuTimes>): CpuTimes => ({
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  total: 0,
  ...over,
});

test("work of low priority is work; waiting for disks and stolen time are not", () => {
  const now = times({
    user: 20,
    nice: 10,
    system: 8,
    softirq: 2,
    iowait: 20,
    steal: 10,
    idle: 30,
    total: 100,
  });
  expect(shares(times({}), now)).toEqual({
    busy: 0.4,
    user: 0.3,
    system: 0.08,
    irq: 0.02,
    iowait: 0.2,
    idle: 0.3,
    steal: 0.1,
  });
});

test("no time between two readings is no load", () => {
  expect(shares(times({ idle: 5, total: 5 }), times({ idle: 5, total: 5 })).busy).toBe(0);
});

test("shares lie between 0 and 1 and add up, even where a counter runs backwards", () => {
  const any = fc.record({
    user: fc.nat(),
    nice: fc.nat(),
    system: fc.nat(),
    idle: fc.nat(),
    iowait: fc.nat(),
    irq: fc.nat(),
    softirq: fc.nat(),
    steal: fc.nat(),
    total: fc.nat(),
  });
  fc.assert(
    fc.property(any, any, (before, after) => {
      const { busy, iowait, idle, steal } = shares(before, after);
      const sum = busy + iowait + idle + steal;
      expect(sum === 0 || Math.abs(sum - 1) < 1e-9).toBe(true);
      expect(Math.min(busy, iowait, idle, steal)).toBeGreaterThanOrEqual(0);
    }),
  );
});
