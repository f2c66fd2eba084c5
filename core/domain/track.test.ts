import { describe, expect, test } from "bun:test";
import type { Status } from "cortex";
import type { TargetState, TimeMark } from "./problem.ts";
import { track, type TrackRules } from "./track.ts";

const SECOND = 1000;
const at = (seconds: number, bootId = "b", wallShift = 0): TimeMark => ({
  wall: seconds * SECOND + wallShift,
  mono: seconds * SECOND,
  bootId,
});
const fact: TrackRules = {
  nature: "fact",
  intervalMs: 10 * SECOND,
  confirmMs: 30 * SECOND,
  inGrace: false,
  repairInFlight: false,
  clearBackoffMs: 300 * SECOND,
  clearFactor: 1.5,
  clearMaxMs: 3600 * SECOND,
  flap: { window: 20, start: 0.3, end: 0.25 },
  staleAfter: 3,
};
const measured: TrackRules = { ...fact, nature: "measured" };
const id = { check: "c", instance: "default", target: "t" };

/** A timeline: feeds results in order and remembers the state as the engine does. */
function timeline(rules: TrackRules) {
  let state: TargetState | null = null;
  return (
    seconds: number,
    status: Status,
    over: { certain?: boolean; rules?: Partial<TrackRules>; now?: TimeMark } = {},
  ) => {
    const result = { target: "t", status, summary: status, certain: over.certain ?? false };
    const step = track(state, id, result, over.now ?? at(seconds), { ...rules, ...over.rules });
    state = step.state;
    if (step.event.kind === "open") state = { ...state, problemId: "p" };
    if (step.event.kind === "resolve") state = { ...state, problemId: null, okSince: null };
    return step;
  };
}

describe("track", () => {
  test("a bad state opens a problem when it lasted its confirm time, not after a count of results", () => {
    const feed = timeline(fact);
    expect(feed(0, "critical").event.kind).toBe("none");
    expect(feed(29, "critical").event.kind).toBe("none");
    expect(feed(30, "critical").event.kind).toBe("open");
  });

  test("a state that returned within the confirm time opens nothing", () => {
    const feed = timeline(fact);
    feed(0, "critical");
    feed(10, "ok");
    expect(feed(35, "critical").event.kind).toBe("none");
  });

  test("a result with a confirm time of its own opens by that one", () => {
    const badly = { target: "t", status: "critical", summary: "s", confirmMs: 5 * SECOND } as const;
    const first = track(null, id, badly, at(0), fact);
    expect(first.pendingMs).toBe(5 * SECOND);
    expect(track(first.state, id, badly, at(5), fact).event.kind).toBe("open");
  });

  test("a certain fact opens at once", () => {
    expect(timeline(fact)(0, "critical", { certain: true }).event.kind).toBe("open");
  });

  test("a fact's problem resolves as soon as the fact returns", () => {
    const feed = timeline(fact);
    feed(0, "critical", { certain: true });
    expect(feed(5, "ok").event.kind).toBe("resolve");
  });

  test("while a repair is in flight a returned fact does not end the problem", () => {
    const feed = timeline(fact);
    feed(0, "critical", { certain: true });
    expect(feed(5, "ok", { rules: { repairInFlight: true } }).event.kind).toBe("none");
    expect(feed(9, "ok").event.kind).toBe("resolve");
  });

  test("a measured value's problem resolves after the clearing back-off", () => {
    const feed = timeline(measured);
    feed(0, "warning");
    expect(feed(40, "warning").event.kind).toBe("open");
    expect(feed(60, "ok").event.kind).toBe("none");
    expect(feed(300, "ok").event.kind).toBe("none");
    expect(feed(361, "ok").event.kind).toBe("resolve");
  });

  test("unknown keeps a problem open and opens one of its own only when it lasts", () => {
    const open = timeline(fact);
    open(0, "critical", { certain: true });
    expect(open(10, "unknown").event.kind).toBe("update");
    const fresh = timeline(fact);
    fresh(0, "unknown");
    expect(fresh(29, "unknown").event.kind).toBe("none");
    expect(fresh(30, "unknown").event).toMatchObject({ kind: "open", type: "unknown" });
  });

  test("bad after unknown counts its confirm time from the bad result", () => {
    const feed = timeline(fact);
    feed(0, "unknown");
    feed(20, "critical");
    expect(feed(30, "critical").event.kind).toBe("none");
    expect(feed(50, "critical").event.kind).toBe("open");
  });

  test("measured values open nothing in the grace after boot; facts do", () => {
    const slow = timeline(measured);
    slow(0, "critical", { rules: { inGrace: true } });
    expect(slow(100, "critical", { rules: { inGrace: true } }).event.kind).toBe("none");
    const quick = timeline(fact);
    quick(0, "critical", { rules: { inGrace: true } });
    expect(quick(30, "critical", { rules: { inGrace: true } }).event.kind).toBe("open");
  });

  test("a clock step forward does not confirm early", () => {
    const feed = timeline(fact);
    feed(0, "critical");
    expect(feed(5, "critical", { now: at(5, "b", 3_600_000) }).event.kind).toBe("none");
  });

  test("a target that changes with every result is flapping, and stops being so when it settles", () => {
    const feed = timeline(fact);
    let started = 0;
    for (let i = 0; i < 12; i += 1)
      if (feed(i, i % 2 ? "critical" : "ok").flapping === "started") started += 1;
    expect(started).toBe(1);
    let ended = 0;
    for (let i = 12; i < 40; i += 1) if (feed(i, "ok").flapping === "ended") ended += 1;
    expect(ended).toBe(1);
  });

  test("a flapping target has one problem, which ends when it has settled", () => {
    const feed = timeline({ ...fact, confirmMs: 0 });
    const events: string[] = [];
    for (let i = 0; i < 40; i += 1) events.push(feed(i, i % 2 ? "critical" : "ok").event.kind);
    const opened = events.filter((kind) => kind === "open").length;
    // Before it counts as flapping it opens with each change; afterwards never again.
    expect(opened).toBeLessThan(8);
    expect(events.slice(20).every((kind) => kind === "none" || kind === "update")).toBe(true);
    const after: string[] = [];
    for (let i = 40; i < 70; i += 1) after.push(feed(i, "ok").event.kind);
    expect(after.filter((kind) => kind === "resolve")).toHaveLength(1);
  });
});
