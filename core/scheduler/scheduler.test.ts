import { describe, expect, test } from "bun:test";
import { createTestClock } from "../testing/test-clock.ts";
import { assertCron, createScheduler } from "./scheduler.ts";

function rig() {
  const clock = createTestClock();
  let groups = 0;
  const scheduler = createScheduler({ clock, tickMs: 1000, beforeGroup: () => (groups += 1) });
  const runs: Record<string, number[]> = {};
  const began = clock.monotonic();
  const add = (id: string, intervalMs: number, work: () => Promise<void> = async () => {}) =>
    scheduler.add(id, { intervalMs }, async () => {
      (runs[id] ??= []).push(Math.round((clock.monotonic() - began) / 100) / 10);
      await work();
    });
  return { clock, scheduler, runs, add, groups: () => groups };
}

describe("scheduler", () => {
  test("a run that throws is told, ends no other, and comes again at its next time", async () => {
    const clock = createTestClock();
    const told: string[] = [];
    const scheduler = createScheduler({ clock, tickMs: 1000, onError: (id) => told.push(id) });
    let runs = 0;
    scheduler.add("bad", { intervalMs: 2000 }, async () => {
      runs += 1;
      throw new Error("the disk is full");
    });
    scheduler.start();
    await clock.advance(5000);
    expect(runs).toBe(3);
    expect(told).toEqual(["bad", "bad", "bad"]);
  });

  test("a cron entry whose timer rings a moment early runs once, not twice", async () => {
    const clock = createTestClock({ now: Date.UTC(2026, 0, 1, 2, 59, 0) });
    const scheduler = createScheduler({ clock, tickMs: 1000 });
    let runs = 0;
    scheduler.add("nightly", { cron: "0 3 * * *" }, async () => void (runs += 1));
    scheduler.add("often", { intervalMs: 10_000 }, async () => {});
    scheduler.start();
    // The wall clock is slewed back a little after the last look at it.
    await clock.advance(59_999);
    clock.jump(-5);
    await clock.advance(60_000);
    expect(runs).toBe(1);
  });

  test("runs each entry at its interval, the first time at once", async () => {
    const { clock, scheduler, runs, add } = rig();
    add("a", 2000);
    scheduler.start();
    await clock.advance(7000);
    expect(runs.a).toEqual([0, 2, 4, 6]);
  });

  test("entries with one interval run as one group, so that they share readings", async () => {
    const { clock, scheduler, add, groups } = rig();
    add("a", 15_000);
    add("b", 15_000);
    scheduler.start();
    await clock.advance(31_000);
    expect(groups()).toBe(3);
  });

  test("what is triggered within one turn shares readings, what comes later does not", async () => {
    const { scheduler, add, groups } = rig();
    for (const id of ["a", "b"]) add(id, 60_000);
    await Promise.all([scheduler.trigger("a", "manual"), scheduler.trigger("b", "manual")]);
    expect(groups()).toBe(1);
    await scheduler.trigger("a", "event");
    expect(groups()).toBe(2);
  });

  test("an entry never overlaps itself and a slow one delays no other", async () => {
    const { clock, scheduler, runs, add } = rig();
    let running = 0;
    let most = 0;
    add("slow", 1000, async () => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(3500);
      running -= 1;
    });
    add("quick", 1000);
    scheduler.start();
    await clock.advance(10_000);
    expect(most).toBe(1);
    expect(runs.quick).toHaveLength(11);
  });

  test("a step of the wall clock moves no interval", async () => {
    const { clock, scheduler, runs, add } = rig();
    add("a", 10_000);
    scheduler.start();
    await clock.advance(1000);
    clock.jump(3_600_000);
    await clock.advance(20_000);
    expect(runs.a).toEqual([0, 10, 20]);
  });

  test("a trigger during a run is answered by one more run", async () => {
    const { clock, scheduler, runs, add } = rig();
    add("a", 60_000, () => clock.sleep(1000));
    scheduler.start();
    await clock.advance(0);
    const asked = [scheduler.trigger("a", "manual"), scheduler.trigger("a", "manual")];
    await clock.advance(5000);
    await Promise.all(asked);
    expect(runs.a).toHaveLength(2);
  });

  test("a paused entry does not run until it is resumed, and then at once", async () => {
    const { clock, scheduler, runs, add } = rig();
    add("a", 1000);
    scheduler.start();
    await clock.advance(1000);
    scheduler.pause("a");
    expect(scheduler.nextRunAt("a")).toBeNull();
    await clock.advance(10_000);
    expect(runs.a).toHaveLength(2);
    scheduler.resume("a");
    await clock.advance(10);
    expect(runs.a).toHaveLength(3);
  });

  test("a cron entry follows the wall clock, also when it is set", async () => {
    const { clock, scheduler } = rig();
    const at: string[] = [];
    scheduler.add(
      "nightly",
      { cron: "0 3 * * *" },
      async () => void at.push(new Date(clock.now()).toISOString()),
    );
    scheduler.start();
    await clock.advance(60_000);
    clock.jump(2 * 3_600_000);
    await clock.advance(3_600_000);
    expect(at).toHaveLength(1);
    expect(at[0]?.slice(0, 13)).toBe(new Date(Date.parse(at[0]!)).toISOString().slice(0, 13));
  });

  test("stop waits for what runs and starts nothing new", async () => {
    const { clock, scheduler, runs, add } = rig();
    add("a", 1000, () => clock.sleep(1500));
    scheduler.start();
    await clock.advance(10);
    const stopped = scheduler.stop();
    await clock.advance(10_000);
    await stopped;
    expect(runs.a).toHaveLength(1);
  });

  test("an expression that is none is refused with the reason", () => {
    expect(() => assertCron("61 * * * *")).toThrow("is no cron expression");
  });
});
