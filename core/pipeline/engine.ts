/**
 * The agent's loop: scheduled and woken checks, what their results mean, and who is told. Composes the stages; each stage
 * has its own file.
 */
import { type Log, messageOf, type Result, type Status } from "cortex";
import { checkKey, type RegisteredCheck } from "../host/registry.ts";
import { createScheduler, type Trigger } from "../scheduler/scheduler.ts";
import type { InspectionRow } from "../store/agent/agent-store.ts";
import { type AgentDeps, createStages, type Stages } from "./stages.ts";
import { healedTooOften } from "./healed.ts";
import { type Inspection, inspect } from "./inspect.ts";
import { reconcile } from "./reconcile.ts";

export interface CheckHistory {
  status: Status | "skipped" | null;
  lastRunAt: number | null;
  lastDurationMs: number | null;
  runs: number;
  failures: number;
  /** Why it is not applicable, or why it could not say anything. */
  reason: string | null;
}

export interface Engine {
  /** Adopt, reconcile, then inspect. */
  start(startPlugins: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  /** Run one check now and wait for its end; false when there is no such check. */
  runNow(key: string, trigger: Trigger): Promise<boolean>;
  /** An event for a check, from a plugin: run it at once, without waiting. */
  wake(key: string): void;
  /** Bring the schedule in line with the registry after plugins or configuration changed. */
  reschedule(): void;
  pause(key: string, until: number | null, actor: string): boolean;
  resume(key: string): boolean;
  history(key: string): CheckHistory;
  nextRunAt(key: string): number | null;
  stages: Stages;
}

const HOUSEKEEPING_MS = 5000;
const CHECKPOINT_MS = 60_000;

export function createEngine(deps: AgentDeps): Engine {
  const { store, clock, registry } = deps;
  const abort = new AbortController();
  const histories = new Map<string, CheckHistory>();
  const lastResults = new Map<string, Map<string, Result>>();
  const pending = new Map<string, () => void>();
  const scheduled = new Map<string, RegisteredCheck>();
  const log: Log = deps.log("core", "engine");
  const scheduler = createScheduler({
    clock,
    tickMs: deps.config().engine.tick,
    beforeGroup: deps.beginTick,
  });
  const stages = createStages(deps, { signal: abort.signal, lookNow, config: deps.config });
  const { problems, repairer, reporter } = stages;
  let timers: (() => void)[] = [];
  let verifications: Promise<void>[] = [];

  async function lookNow(problem: { check: string; instance: string; target: string }) {
    const key = checkKey(problem.check, problem.instance);
    if (!scheduler.has(key)) return null;
    await scheduler.trigger(key, "event");
    const result = lastResults.get(key)?.get(problem.target);
    return result === undefined ? null : { status: result.status, summary: result.summary };
  }

  async function run(registered: RegisteredCheck, trigger: Trigger): Promise<void> {
    const { key, check, instance } = registered;
    const row: InspectionRow = {
      id: deps.newId(),
      check: check.name,
      instance,
      trigger,
      startedAt: clock.now(),
      durationMs: 0,
      status: "ok",
      counts: {},
      error: null,
    };
    if (trigger === "manual") reporter.announce(row, "running");
    const inspection = await inspect(registered, {
      clock,
      log: deps.log(registered.plugin, instance),
      timeoutMs: deps.config().engine.check_timeout,
      previous: (target) => problems.status(check.name, instance, target),
      oneShot: false,
      signal: abort.signal,
    });
    if (abort.signal.aborted || registry.check(key) !== registered) return;
    deps.recordCall(registered.plugin, instance, inspection.error);
    const results =
      inspection.error === null ? inspection.results : unknownResults(registered, inspection.error);
    const done = { ...row, ...summaryOf(inspection, results) };
    remember(key, inspection, results, done);
    reporter.results(check.name, instance, results, inspection.skipped);
    reporter.inspection(done);
    if (trigger === "manual") {
      reporter.announce(done, "done");
      reporter.report();
    }
    digest(registered, results, inspection.error === null);
  }

  /** A check that can't answer makes all its targets unknown: none is silently forgotten. */
  function unknownResults(registered: RegisteredCheck, reason: string): Result[] {
    const known = problems.targetsOf(registered.check.name, registered.instance);
    const targets =
      known.length > 0 ? known : [registered.instance === "default" ? "host" : registered.instance];
    return targets.map((target) => ({ target, status: "unknown", summary: `no answer: ${reason}` }));
  }

  function remember(key: string, inspection: Inspection, results: Result[], row: InspectionRow): void {
    const before = histories.get(key);
    lastResults.set(key, new Map(results.map((result) => [result.target, result])));
    const next: CheckHistory = {
      status: inspection.status,
      lastRunAt: row.startedAt,
      lastDurationMs: row.durationMs,
      runs: (before?.runs ?? 0) + 1,
      failures: (before?.failures ?? 0) + (inspection.error === null ? 0 : 1),
      reason: inspection.error ?? (results.length === 0 ? (inspection.skipped[0]?.reason ?? null) : null),
    };
    histories.set(key, next);
    if (before?.status !== next.status || before.reason !== next.reason) reporter.inventoryChanged();
  }

  function digest(registered: RegisteredCheck, results: Result[], complete: boolean): void {
    const { check, instance, host, key } = registered;
    const source = {
      check: check.name,
      instance,
      nature: check.nature,
      intervalMs: host.interval ?? check.intervalMs,
      confirmMs: host.confirm ?? check.confirmMs,
      ownGrace: check.ownGrace ?? false,
    };
    // The operator's confirm time wins over what single results ask for.
    const judged =
      host.confirm === undefined ? results : results.map((one) => ({ ...one, confirmMs: undefined }));
    const changes = problems.observe(source, judged as Result[], { complete });
    for (const problem of changes.opened) stages.relapsed(problem);
    for (const problem of changes.resolved) stages.supersedeProposals(problem.id);
    if (changes.opened.length + changes.resolved.length > 0) problems.refreshParents();
    for (const problem of changes.bad) void repairer.consider(problem.id);
    if (changes.pendingMs !== null && changes.pendingMs < source.intervalMs)
      runAgainIn(key, changes.pendingMs);
  }

  /** A confirmation due before the next interval gets a run of its own. */
  function runAgainIn(key: string, ms: number): void {
    pending.get(key)?.();
    const cancel = clock.after(ms + 1, () => {
      pending.delete(key);
      wake(key);
    });
    pending.set(key, cancel);
  }

  function wake(key: string): void {
    if (!scheduler.has(key) || abort.signal.aborted) return;
    scheduler
      .trigger(key, "event")
      .catch((error: unknown) => log.error("A woken check failed.", { key, reason: messageOf(error) }));
  }

  function reschedule(): void {
    const paused = new Set(store.pausedChecks.all().map((one) => checkKey(one.check, one.instance)));
    const wanted = new Map(registry.checks().map((one) => [one.key, one]));
    for (const [key, registered] of scheduled) {
      if (wanted.get(key) === registered) continue;
      scheduler.remove(key);
      scheduled.delete(key);
      histories.delete(key);
      reporter.forget(registered.check.name, registered.instance);
      if (!wanted.has(key)) problems.forget(registered.check.name, registered.instance);
    }
    for (const [key, registered] of wanted) {
      if (scheduled.has(key)) continue;
      scheduled.set(key, registered);
      const cron =
        registered.host.schedule ??
        (registered.host.interval === undefined ? registered.check.schedule : undefined);
      const timing =
        cron === undefined
          ? { intervalMs: registered.host.interval ?? registered.check.intervalMs }
          : { cron };
      scheduler.add(key, timing, (trigger) => run(registered, trigger), { paused: paused.has(key) });
    }
    reporter.inventoryChanged();
  }

  function housekeeping(): void {
    repairer.expireProposals();
    const now = clock.now();
    for (const one of store.pausedChecks.all())
      if (one.until !== null && one.until <= now) resume(checkKey(one.check, one.instance));
    digestHealed();
  }

  function digestHealed(): void {
    const source = {
      check: "healed_too_often",
      instance: "default",
      nature: "fact",
      intervalMs: HOUSEKEEPING_MS,
      confirmMs: 0,
    } as const;
    const changes = problems.observe(source, healedTooOften(store, deps.config(), clock.now()));
    for (const problem of changes.opened) void repairer.consider(problem.id);
  }

  function resume(key: string): boolean {
    const registered = registry.check(key);
    if (registered === null) return false;
    store.pausedChecks.remove(registered.check.name, registered.instance);
    if (scheduler.has(key)) scheduler.resume(key);
    reporter.inventoryChanged();
    return true;
  }

  function every(ms: number, work: () => void): void {
    let cancel = () => {};
    const next = () => {
      cancel = clock.after(ms, () => {
        try {
          work();
        } catch (error) {
          log.error("Housekeeping failed.", { reason: messageOf(error) });
        }
        if (!abort.signal.aborted) next();
      });
    };
    next();
    timers.push(() => cancel());
  }

  return {
    stages,
    async start(startPlugins) {
      problems.load();
      await startPlugins();
      reschedule();
      deps.beginTick();
      verifications = await reconcile(stages.reconcileDeps);
      scheduler.start();
      reporter.start();
      reporter.inventoryChanged();
      repairer.considerAll();
      every(HOUSEKEEPING_MS, housekeeping);
      every(CHECKPOINT_MS, stages.checkpoint);
      every(3_600_000, stages.prune);
    },
    async stop() {
      for (const cancel of [...timers, ...pending.values()]) cancel();
      timers = [];
      abort.abort(new Error("stopping"));
      await scheduler.stop();
      await Promise.allSettled([repairer.stop(), ...verifications]);
      stages.checkpoint();
      reporter.stop();
      await stages.outbox.flush();
      stages.outbox.stop();
    },
    async runNow(key, trigger) {
      if (!scheduler.has(key)) return false;
      await scheduler.trigger(key, trigger);
      return true;
    },
    wake,
    reschedule,
    pause(key, until, actor) {
      const registered = registry.check(key);
      if (registered === null || !scheduler.has(key)) return false;
      store.pausedChecks.put(registered.check.name, registered.instance, clock.now(), until, actor);
      scheduler.pause(key);
      reporter.inventoryChanged();
      return true;
    },
    resume,
    history: (key) =>
      histories.get(key) ?? {
        status: null,
        lastRunAt: null,
        lastDurationMs: null,
        runs: 0,
        failures: 0,
        reason: null,
      },
    nextRunAt: (key) => scheduler.nextRunAt(key),
  };
}

function summaryOf(
  inspection: Inspection,
  results: Result[],
): Pick<InspectionRow, "durationMs" | "status" | "counts" | "error"> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result.status] = (counts[result.status] ?? 0) + 1;
  if (inspection.skipped.length > 0) counts.skipped = inspection.skipped.length;
  return {
    durationMs: Math.round(inspection.durationMs * 1000) / 1000,
    status: inspection.status,
    counts,
    error: inspection.error,
  };
}
