/**
 * When things run: one heap-free list of entries and one timer, against deadlines of the monotonic clock, so that nothing
 * drifts and a step of the wall clock moves only cron entries. What is due at the same step runs as one group, which is
 * what lets checks share their readings. An entry never overlaps itself.
 */
import { type Clock, defineErrors } from "cortex";
import { Cron } from "croner";

const errors = defineErrors("scheduler", { unknown_entry: "not_found", bad_schedule: "invalid" });

export type Trigger = "schedule" | "event" | "manual" | "start";
export type Timing = { intervalMs: number } | { cron: string };

interface Entry {
  id: string;
  timing: Timing;
  /** Parsed once; null for intervals. */
  cron: Cron | null;
  /** Wall ms of the occurrence that `dueAt` stands for, and of the one that ran last; null for intervals. */
  cronAt: number | null;
  cronRan: number | null;
  run: (trigger: Trigger) => Promise<void>;
  /** Monotonic ms; Infinity when it never comes. */
  dueAt: number;
  running: Promise<void> | null;
  /** A trigger that came while it was running: one more run follows. */
  again: Trigger | null;
  paused: boolean;
}

export interface Scheduler {
  add(
    id: string,
    timing: Timing,
    run: (trigger: Trigger) => Promise<void>,
    options?: { paused?: boolean },
  ): void;
  remove(id: string): void;
  has(id: string): boolean;
  pause(id: string): void;
  resume(id: string): void;
  /** Run now; resolves when that run has ended. While it runs already, one more run is queued and awaited. */
  trigger(id: string, trigger: Trigger): Promise<void>;
  /** Wall ms of the next scheduled run; null when paused or never. */
  nextRunAt(id: string): number | null;
  start(): void;
  /** No new runs; resolves when the running ones have ended. */
  stop(): Promise<void>;
}

export interface SchedulerOptions {
  clock: Clock;
  /** Due entries are gathered to multiples of this. */
  tickMs: number;
  /** Called before each group, so that readings are fresh. */
  beforeGroup?: () => void;
  /** What a run threw that nobody waits for. The entry goes on at its next time. */
  onError?: (id: string, error: unknown) => void;
}

/** A timer may ring this much before the wall clock says so; the occurrence it rang for is over all the same. */
const EARLY_MS = 60_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, tickMs } = options;
  const entries = new Map<string, Entry>();
  let cancelTimer: (() => void) | null = null;
  let started = false;

  let isFresh = false;

  /** What begins within one turn of the event loop looks at the same moment, also when each was triggered by itself. */
  function refresh(): void {
    if (isFresh) return;
    isFresh = true;
    queueMicrotask(() => {
      isFresh = false;
    });
    options.beforeGroup?.();
  }

  const onGrid = (mono: number) => Math.ceil(mono / tickMs) * tickMs;

  function nextDue(entry: Entry, from: number): number {
    if ("intervalMs" in entry.timing) {
      const interval = Math.max(entry.timing.intervalMs, 1);
      // Intervals shorter than the tick keep their own pace; the others meet on the grid.
      return interval < tickMs ? from + interval : onGrid(from + interval - tickMs / 2);
    }
    const now = clock.now();
    const { cronRan } = entry;
    const isEarly = cronRan !== null && cronRan > now && cronRan - now < EARLY_MS;
    const next = entry.cron?.nextRun(new Date(isEarly ? cronRan : now)) ?? null;
    entry.cronAt = next === null ? null : next.getTime();
    return entry.cronAt === null ? Infinity : from + (entry.cronAt - now);
  }

  /** Start a run that nobody waits for. */
  function launch(entry: Entry, trigger: Trigger): void {
    begin(entry, trigger).catch((error: unknown) => options.onError?.(entry.id, error));
  }

  function arm(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (!started) return;
    let earliest = Infinity;
    for (const entry of entries.values()) if (!entry.paused) earliest = Math.min(earliest, entry.dueAt);
    if (earliest === Infinity) return;
    // Cron entries are looked at again every minute: their distance changes when the wall clock is set.
    cancelTimer = clock.after(Math.min(60_000, Math.max(0, earliest - clock.monotonic())), runDue);
  }

  function runDue(): void {
    const now = clock.monotonic();
    const due = [...entries.values()].filter((entry) => !entry.paused && entry.dueAt <= now + 1);
    if (due.length > 0) refresh();
    for (const entry of entries.values())
      if ("cron" in entry.timing && !due.includes(entry)) entry.dueAt = nextDue(entry, now);
    for (const entry of due) {
      entry.cronRan = entry.cronAt;
      entry.dueAt = nextDue(entry, now);
      if (entry.running === null) launch(entry, "schedule");
    }
    arm();
  }

  function begin(entry: Entry, trigger: Trigger): Promise<void> {
    entry.running = entry.run(trigger).finally(() => {
      entry.running = null;
      const again = entry.again;
      entry.again = null;
      if (again !== null && entries.get(entry.id) === entry) launch(entry, again);
    });
    return entry.running;
  }

  function need(id: string): Entry {
    const entry = entries.get(id);
    if (entry === undefined) throw errors.unknown_entry(`nothing named ${id} is scheduled`);
    return entry;
  }

  return {
    add(id, timing, run, { paused = false } = {}) {
      if ("cron" in timing) assertCron(timing.cron);
      const cron = "cron" in timing ? new Cron(timing.cron, { paused: true }) : null;
      const state = { dueAt: Infinity, cronAt: null, cronRan: null, running: null, again: null, paused };
      const entry: Entry = { id, timing, cron, run, ...state };
      entry.dueAt = "cron" in timing ? nextDue(entry, clock.monotonic()) : clock.monotonic();
      entries.set(id, entry);
      arm();
    },
    remove(id) {
      entries.delete(id);
      arm();
    },
    has: (id) => entries.has(id),
    pause(id) {
      need(id).paused = true;
      arm();
    },
    resume(id) {
      const entry = need(id);
      entry.paused = false;
      entry.dueAt = "cron" in entry.timing ? nextDue(entry, clock.monotonic()) : clock.monotonic();
      arm();
    },
    async trigger(id, trigger) {
      const entry = need(id);
      if (entry.running === null) {
        refresh();
        return begin(entry, trigger);
      }
      entry.again = trigger;
      await entry.running;
      // The queued run began in `finally`, before this continuation.
      await entry.running;
    },
    nextRunAt(id) {
      const entry = entries.get(id);
      if (entry === undefined || entry.paused || entry.dueAt === Infinity) return null;
      return clock.now() + Math.max(0, entry.dueAt - clock.monotonic());
    },
    start() {
      started = true;
      arm();
    },
    async stop() {
      started = false;
      cancelTimer?.();
      const running = [...entries.values()].flatMap((entry) =>
        entry.running === null ? [] : [entry.running],
      );
      for (const entry of entries.values()) entry.again = null;
      await Promise.allSettled(running);
    },
  };
}

/** Throws `scheduler.bad_schedule` with the parser's reason. */
export function assertCron(expression: string): void {
  try {
    new Cron(expression, { paused: true }).stop();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw errors.bad_schedule(`"${expression}" is no cron expression: ${reason}`, { cause });
  }
}
