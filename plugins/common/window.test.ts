import { expect, test } from "bun:test";
import fc from "fast-check";
import { createWindow, settledMean } from "./window.ts";

const MINUTE = 60_000;
const counter = (windowMs: number) => createWindow<number>(windowMs, (before, after) => after < before);

test("the first reading has nothing to be compared with", () => {
  expect(counter(MINUTE).add(0, 5)).toBeNull();
});

test("a window that fills uses what it has, a full one forgets what is older", () => {
  const window = counter(10 * MINUTE);
  window.add(0, 0);
  expect(window.add(15_000, 15)).toMatchObject({ first: 0, spanMs: 15_000, last: 0, lastSpanMs: 15_000 });
  for (let at = 30_000; at < 30 * MINUTE; at += 15_000) window.add(at, at / 1000);
  const change = window.add(30 * MINUTE, 1800)!;
  expect(change).toMatchObject({ first: 1200, spanMs: 10 * MINUTE, last: 1785, lastSpanMs: 15_000 });
});

test("counters that ran backwards begin anew", () => {
  const window = counter(MINUTE);
  window.add(0, 1000);
  window.add(15_000, 1100);
  expect(window.add(30_000, 3)).toBeNull();
  expect(window.add(45_000, 18)).toMatchObject({ first: 3, spanMs: 15_000 });
});

test("two looks at nearly the same time give no rate, and do not disturb the next one", () => {
  const window = counter(MINUTE);
  window.add(0, 0);
  expect(window.add(20, 0)).toBeNull();
  expect(window.add(200, 4)).toMatchObject({ first: 0, spanMs: 200 });
});

test("after a pause the rate is the one since the last reading before it", () => {
  const window = counter(MINUTE);
  window.add(0, 0);
  window.add(30_000, 30);
  expect(window.add(60 * MINUTE, 3600)).toMatchObject({ first: 30, now: 3600 });
});

test("whatever the rhythm, the span is at least the window once it is full, and at most one reading longer", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 40_000 }), { minLength: 2, maxLength: 200 }), (gaps) => {
      const window = counter(MINUTE);
      let at = 0;
      for (const gap of gaps) {
        at += gap;
        const change = window.add(at, at);
        if (change === null) continue;
        expect(change.now - change.first).toBe(change.spanMs);
        if (at - gaps[0]! >= MINUTE) expect(change.spanMs).toBeGreaterThanOrEqual(MINUTE);
        // One gap, and one step of a sixtieth by which readings are thinned out.
        expect(change.spanMs).toBeLessThan(MINUTE + 40_000 + MINUTE / 60 + 40_000);
      }
    }),
    { numRuns: 100 },
  );
});

test("time before the first reading counts as quiet, unless the state was bad already", () => {
  expect(settledMean(1, 30_000, 10 * MINUTE, false)).toBeCloseTo(0.05);
  expect(settledMean(1, 30_000, 10 * MINUTE, true)).toBe(1);
  expect(settledMean(0.9, 11 * MINUTE, 10 * MINUTE, false)).toBe(0.9);
});
