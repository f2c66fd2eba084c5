import { expect, test } from "bun:test";
import { createTestClock } from "../testing/test-clock.ts";
import { createCountdowns } from "./countdowns.ts";

test("T116 a wait neither ends nor grows with the wall clock", async () => {
  const clock = createTestClock();
  const waits = createCountdowns(clock);
  expect(waits.left("a", 120_000)).toBe(120_000);
  clock.jump(86_400_000);
  await clock.advance(60_000);
  clock.jump(-3 * 86_400_000);
  expect(waits.left("a", 120_000)).toBe(60_000);
  await clock.advance(60_000);
  expect(waits.left("a", 120_000)).toBe(0);
});

test("T116 a program that was started meanwhile waits the whole span, once", async () => {
  const clock = createTestClock();
  createCountdowns(clock).left("a", 120_000);
  await clock.advance(119_000);
  clock.jump(86_400_000);
  const later = createCountdowns(clock);
  expect(later.left("a", 120_000)).toBe(120_000);
  await clock.advance(120_000);
  expect(later.left("a", 120_000)).toBe(0);
});

test("a wait that nobody asks about any more is forgotten", async () => {
  const clock = createTestClock();
  const waits = createCountdowns(clock);
  waits.left("a", 1000);
  await clock.advance(5000);
  waits.keepOnly(new Set(["b"]));
  expect(waits.left("a", 1000)).toBe(1000);
});
