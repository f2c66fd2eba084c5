import { describe, expect, test } from "bun:test";
import { type Attempt, evaluateGuards, type GuardInput } from "./guards.ts";
import type { TimeMark } from "./problem.ts";

const MINUTE = 60_000;
const at = (minutes: number): TimeMark => ({ wall: minutes * MINUTE, mono: minutes * MINUTE, bootId: "b" });
const attempt = (minutes: number, outcome: Attempt["outcome"]): Attempt => ({
  startedAt: at(minutes),
  outcome,
  endedAt: outcome === "running" ? null : minutes * MINUTE,
});

const input = (now: number, attempts: Attempt[], over: Partial<GuardInput> = {}): GuardInput => ({
  now: at(now),
  attempts,
  limits: {
    attempts: 3,
    windowMs: 60 * MINUTE,
    waitsMs: [0, MINUTE, 3 * MINUTE],
    breakerMs: 360 * MINUTE,
    cooldownMs: 10 * MINUTE,
    healedCount: 3,
    healedWindowMs: 1440 * MINUTE,
    bootGuardMs: 5 * MINUTE,
    maxPerHour: 10,
  },
  breakerUntil: null,
  repairsOn: true,
  maintenance: null,
  uptimeMs: 600 * MINUTE,
  supervised: false,
  lockHolder: null,
  flapping: false,
  parent: null,
  inFlight: false,
  unsettled: null,
  unseen: null,
  nodeRepairsLastHour: 0,
  ...over,
});

describe("guards", () => {
  test("the first attempt starts at once", () => {
    expect(evaluateGuards(input(1000, []))).toMatchObject({ allowed: true, nextAttempt: 1 });
  });

  test("the second attempt waits one minute after a failure, the third three minutes", () => {
    const one = [attempt(1000, "failure")];
    expect(evaluateGuards(input(1000.5, one)).state.hold).toBe("attempt_wait");
    expect(evaluateGuards(input(1001.1, one))).toMatchObject({ allowed: true, nextAttempt: 2 });
    const two = [...one, attempt(1001, "failure")];
    expect(evaluateGuards(input(1003, two)).state.hold).toBe("attempt_wait");
    expect(evaluateGuards(input(1004.1, two))).toMatchObject({ allowed: true, nextAttempt: 3 });
  });

  test("T50 after three attempts within an hour the breaker is due", () => {
    const three = [attempt(1000, "failure"), attempt(1001, "failure"), attempt(1004, "failure")];
    const verdict = evaluateGuards(input(1010, three));
    expect(verdict).toMatchObject({ allowed: false, exhausted: true });
    expect(verdict.state).toMatchObject({ attemptsUsed: 3, attemptsMax: 3, attemptsResetAt: 1060 * MINUTE });
  });

  test("what ends by itself says when", () => {
    const maintenance = { until: 2000 * MINUTE, reason: "disk swap" };
    expect(evaluateGuards(input(1000, [], { maintenance })).until).toBe(2000 * MINUTE);
    expect(evaluateGuards(input(1000, [], { flapping: true })).until).toBeNull();
    expect(evaluateGuards(input(1000, [], { uptimeMs: MINUTE })).until).toBe(1004 * MINUTE);
  });

  test("an open breaker holds until it closes", () => {
    const verdict = evaluateGuards(input(1010, [], { breakerUntil: 1300 * MINUTE }));
    expect(verdict.state).toMatchObject({ hold: "breaker_open", breakerUntil: 1300 * MINUTE });
    expect(evaluateGuards(input(1301, [], { breakerUntil: 1300 * MINUTE })).allowed).toBe(true);
  });

  test("a failure within the cool-down of a success is the next attempt", () => {
    const soon = evaluateGuards(input(1005, [attempt(1000, "success")]));
    expect(soon.nextAttempt).toBe(2);
    const later = evaluateGuards(input(1011, [attempt(1000, "success")]));
    expect(later).toMatchObject({ allowed: true, nextAttempt: 1 });
  });

  test("a step of the wall clock neither shortens nor repeats a wait", () => {
    const now: TimeMark = { wall: 1000 * MINUTE + 3_600_000, mono: 1000.5 * MINUTE, bootId: "b" };
    expect(evaluateGuards({ ...input(0, [attempt(1000, "failure")]), now }).state.hold).toBe("attempt_wait");
  });

  test("a step of the wall clock does not end a cool-down, and does not begin one again", () => {
    const success = [attempt(1000, "success")];
    const ahead: TimeMark = { wall: 1005 * MINUTE + 86_400_000, mono: 1005 * MINUTE, bootId: "b" };
    const soon = evaluateGuards({ ...input(0, success), now: ahead });
    expect(soon.nextAttempt).toBe(2);
    expect(soon.state.cooldownUntil).toBe(ahead.wall + 5 * MINUTE);
    const back: TimeMark = { wall: 1011 * MINUTE - 86_400_000, mono: 1011 * MINUTE, bootId: "b" };
    const later = evaluateGuards({ ...input(0, success), now: back });
    expect(later).toMatchObject({ allowed: true, nextAttempt: 1, state: { cooldownUntil: null } });
  });

  test("T116 a clock that was set back before this boot holds nothing longer than this boot is old", () => {
    const three = [attempt(5000, "failure"), attempt(5001, "failure"), attempt(5004, "failure")];
    const boot = (age: number): TimeMark => ({ wall: age * MINUTE, mono: age * MINUTE, bootId: "next" });
    expect(evaluateGuards({ ...input(0, three), now: boot(59) }).allowed).toBe(false);
    expect(evaluateGuards({ ...input(0, three), now: boot(61) }).allowed).toBe(true);
  });

  test("the boot guard exempts supervised processes", () => {
    expect(evaluateGuards(input(1000, [], { uptimeMs: MINUTE })).state.hold).toBe("boot_grace");
    expect(evaluateGuards(input(1000, [], { uptimeMs: MINUTE, supervised: true })).allowed).toBe(true);
  });

  test.each([
    ["switch_off", { repairsOn: false }],
    ["maintenance", { maintenance: { until: 2000 * MINUTE, reason: "disk swap" } }],
    ["in_flight", { inFlight: true }],
    ["in_flight", { unsettled: "service.start on demo" }],
    ["target_unknown", { unseen: "the check is paused" }],
    ["because_of_parent", { parent: "/data is missing" }],
    ["flapping", { flapping: true }],
    ["lock_held", { lockHolder: "dpkg (pid 7)" }],
    ["fleet_budget", { nodeRepairsLastHour: 10 }],
  ] as const)("%s holds a repair and says so", (reason, over) => {
    const verdict = evaluateGuards(input(1000, [], over));
    expect(verdict.allowed).toBe(false);
    expect(verdict.state.hold).toBe(reason);
    expect(verdict.state.holdText).not.toBeNull();
  });
});
