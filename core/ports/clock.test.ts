import { expect, test } from "bun:test";
import { createSystemClock, readUptimeMs } from "./clock.ts";

test("monotonic time is the age of the boot, so that a restarted program can compare it", () => {
  const clock = createSystemClock();
  expect(Math.abs(clock.monotonic() - readUptimeMs())).toBeLessThan(1000);
  const first = clock.monotonic();
  expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
});

test("monotonic time comes in whole milliseconds, whatever the boot's age", () => {
  const { monotonic } = createSystemClock(12_345.678);
  expect([monotonic(), monotonic(), monotonic()].every(Number.isInteger)).toBe(true);
});

test("the wall clock is the system's", () => {
  expect(Math.abs(createSystemClock().now() - Date.now())).toBeLessThan(1000);
});

test("a cancelled timer does not run, others run in order", async () => {
  const clock = createSystemClock();
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  clock.after(1, () => order.push("cancelled"))();
  clock.after(15, () => done.resolve());
  clock.after(1, () => order.push("ran"));
  await Promise.all([done.promise, clock.sleep(20)]);
  expect(order).toEqual(["ran"]);
});

test("a timer beyond 24 days waits instead of firing at once", async () => {
  const clock = createSystemClock();
  let fired = false;
  const cancel = clock.after(60 * 86_400_000, () => {
    fired = true;
  });
  await clock.sleep(5);
  cancel();
  expect(fired).toBe(false);
});

test("an aborted sleep rejects with the signal's reason, before and while sleeping", async () => {
  const clock = createSystemClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  expect(sleeping).rejects.toThrow("enough");
  expect(clock.sleep(1, stop.signal)).rejects.toThrow("enough");
});
