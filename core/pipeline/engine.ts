/**
 * The agent's loop: scheduled and woken checks, and the times at which everything else is looked at. Composes the stages;
 * each stage has its own file.
 */
import { type Log, messageOf } from "cortex";
import { checkKey, type RegisteredCheck } from "../host/registry.ts";
import { createScheduler, type Timing, type Trigger } from "../scheduler/scheduler.ts";
import { type CheckHistory, createRuns } from "./watch/runs.ts";
import { type AgentDeps, createStages, OWN_CHECKS, type Stages } from "./stages.ts";
import type { Look } from "./act/verifier.ts";

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
  resume(key: string, actor: string): boolean;
  history(key: string): CheckHistory;
  nextRunAt(key: string): number | null;
  stages: Stages;
}

const HOUSEKEEPING_MS = 5000;
const CHECKPOINT_MS = 60_000;
const PRUNE_MS = 3_600_000;

export function createEngine(deps: AgentDeps): Engine {
  const { store, clock, registry } = deps;
  const abort = new AbortController();
  const pending = new Map<string, () => void>();
  const scheduled = new Map<string, RegisteredCheck>();
  /** Which plugin a check came from, also while that plugin is broken and the check is not there. */
  const pluginOf = new Map<string, string>();
  const log: Log = deps.log("core", "engine");
  const scheduler = createScheduler({
    clock,
    tickMs: deps.config().engine.tick,
    beforeGroup: deps.beginTick,
    onError: (check, error) => log.error("A run failed.", { check, reason: messageOf(error) }),
  });
  const runs = createRuns({ agent: deps, stages: () => stages, signal: abort.signal, log, runAgainIn });
  const stages: Stages = createStages(deps, { signal: abort.signal, lookNow });
  const { problems, repairer, reporter, reconciler } = stages;
  let isComplete = false;
  let timers: (() => void)[] = [];

  async function lookNow(problem: { check: string; instance: string; target: string }): Promise<Look> {
    const key = checkKey(problem.check, problem.instance);
    if (!scheduler.has(key)) return null;
    return runs.look(key, problem.target, () => scheduler.trigger(key, "event"));
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
      runs.forget(key);
      reporter.forget(registered.check.name, registered.instance);
    }
    for (const [key, registered] of wanted) {
      pluginOf.set(key, registered.plugin);
      if (!scheduled.has(key)) add(registered, paused.has(key));
    }
    // While plugins start, one that is missing may only be late.
    if (isComplete)
      quietly("What is gone could not be forgotten; it is tried again.", () => forgetGone(wanted));
    reporter.inventoryChanged();
  }

  /** A schedule that is none breaks its own check only. */
  function add(registered: RegisteredCheck, paused: boolean): void {
    const { key, check, host } = registered;
    const cron = host.schedule ?? (host.interval === undefined ? check.schedule : undefined);
    const timing: Timing = cron === undefined ? { intervalMs: host.interval ?? check.intervalMs } : { cron };
    try {
      scheduler.add(key, timing, (trigger) => runs.run(registered, trigger), { paused });
      scheduled.set(key, registered);
    } catch (error) {
      runs.refuse(key, `it is never run: ${messageOf(error)}`);
      log.error("A check can't be scheduled.", { check: key, reason: messageOf(error) });
    }
  }

  /**
   * What was removed from the configuration ends with it, also when that happened while Cortex was down. A plugin that is
   * broken is not removed: its problems stay until somebody can look again.
   */
  function forgetGone(wanted: ReadonlyMap<string, RegisteredCheck>): void {
    const troubled = deps.plugins().filter((one) => one.state === "broken" || one.state === "starting");
    for (const { check, instance } of problems.sources()) {
      const key = checkKey(check, instance);
      if (wanted.has(key) || OWN_CHECKS.includes(check)) continue;
      const plugin = pluginOf.get(key);
      const mayReturn =
        plugin === undefined ? troubled.length > 0 : troubled.some((one) => one.name === plugin);
      if (mayReturn) continue;
      problems.forget(check, instance);
      pluginOf.delete(key);
    }
  }

  /** Each of it for itself: what can't be stored now keeps nothing else waiting. */
  function housekeeping(): void {
    void reconciler.settleAll();
    quietly("Proposals could not be expired.", repairer.expireProposals);
    quietly("A paused check could not be resumed.", resumeWhatIsOver);
    quietly("Successes could not be counted.", stages.digestHealed);
  }

  function resumeWhatIsOver(): void {
    const now = clock.now();
    for (const one of store.pausedChecks.all())
      if (one.until !== null && one.until <= now) resume(checkKey(one.check, one.instance), "engine");
  }

  function pause(key: string, until: number | null, actor: string): boolean {
    const registered = registry.check(key);
    if (registered === null || !scheduler.has(key)) return false;
    store.transaction(() => {
      store.pausedChecks.put(registered.check.name, registered.instance, clock.now(), until, actor);
      store.ledger.append("check.paused", actor, { check: key, until });
    });
    scheduler.pause(key);
    reporter.inventoryChanged();
    return true;
  }

  function resume(key: string, actor: string): boolean {
    const registered = registry.check(key);
    if (registered === null) return false;
    store.transaction(() => {
      store.pausedChecks.remove(registered.check.name, registered.instance);
      store.ledger.append("check.resumed", actor, { check: key });
    });
    if (scheduler.has(key)) scheduler.resume(key);
    reporter.inventoryChanged();
    return true;
  }

  function every(ms: number, work: () => void): void {
    let cancel = () => {};
    const next = () => {
      cancel = clock.after(ms, () => {
        quietly("Housekeeping failed.", work);
        if (!abort.signal.aborted) next();
      });
    };
    next();
    timers.push(() => cancel());
  }

  function quietly(message: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error(message, { reason: messageOf(error) });
    }
  }

  return {
    stages,
    async start(startPlugins) {
      problems.load();
      await startPlugins();
      isComplete = true;
      reschedule();
      deps.beginTick();
      await reconciler.settleAll();
      await reconciler.finishUndos();
      scheduler.start();
      reporter.start();
      reporter.inventoryNow();
      repairer.open();
      stages.approvals.open();
      every(HOUSEKEEPING_MS, housekeeping);
      every(CHECKPOINT_MS, stages.checkpoint);
      every(PRUNE_MS, stages.prune);
    },
    async stop() {
      for (const cancel of [...timers, ...pending.values()]) cancel();
      timers = [];
      abort.abort(new Error("stopping"));
      await scheduler.stop();
      await Promise.allSettled([repairer.stop(), stages.approvals.stop(), reconciler.stop()]);
      quietly("The last checkpoint could not be stored.", stages.checkpoint);
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
    pause,
    resume,
    history: runs.history,
    nextRunAt: (key) => scheduler.nextRunAt(key),
  };
}
