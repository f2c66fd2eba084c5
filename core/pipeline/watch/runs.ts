/** One run of one check, from the inspection to what its results mean; and what the newest run of each check said. */
import { type Log, messageOf, type Result, type Status } from "cortex";
import { redactDeep } from "../../domain/redact.ts";
import type { RegisteredCheck } from "../../host/registry.ts";
import type { Trigger } from "../../scheduler/scheduler.ts";
import type { InspectionRow } from "../../store/agent/agent-store.ts";
import { type Inspection, inspect } from "./inspect.ts";
import type { ResultSource } from "./track-rules.ts";
import type { AgentDeps, Stages } from "../stages.ts";
import type { Look } from "../act/verifier.ts";

export interface CheckHistory {
  status: Status | "skipped" | null;
  lastRunAt: number | null;
  lastDurationMs: number | null;
  runs: number;
  failures: number;
  /** Why it is not applicable, or why it could not say anything. */
  reason: string | null;
}

const NEVER_RUN: CheckHistory = {
  status: null,
  lastRunAt: null,
  lastDurationMs: null,
  runs: 0,
  failures: 0,
  reason: null,
};

export interface Runs {
  /** It never throws: what could not be stored is logged, and the next run says it again. */
  run(registered: RegisteredCheck, trigger: Trigger): Promise<void>;
  /** What a run that begins now says of one target; null when it gave no answer about it. */
  look(key: string, target: string, trigger: () => Promise<void>): Promise<Look>;
  history(key: string): CheckHistory;
  /** Shown where a check can't even be scheduled. */
  refuse(key: string, reason: string): void;
  forget(key: string): void;
}

export interface RunsDeps {
  agent: AgentDeps;
  stages: () => Stages;
  signal: AbortSignal;
  log: Log;
  /** A confirmation or clearing is due before the next interval. */
  runAgainIn: (key: string, ms: number) => void;
}

export function createRuns({ agent, stages, signal, log, runAgainIn }: RunsDeps): Runs {
  const { clock, registry } = agent;
  const histories = new Map<string, CheckHistory>();
  /** Of the newest run of each check: its number, and what it said of each target. */
  const newest = new Map<string, { began: number; results: Map<string, Result> }>();
  let begun = 0;

  async function run(registered: RegisteredCheck, trigger: Trigger): Promise<void> {
    try {
      await inspectAndDigest(registered, trigger);
    } catch (error) {
      newest.delete(registered.key);
      log.error("A run could not be kept; the next one says it again.", {
        check: registered.key,
        reason: messageOf(error),
      });
    }
  }

  async function inspectAndDigest(registered: RegisteredCheck, trigger: Trigger): Promise<void> {
    const { key, check, instance } = registered;
    const { reporter, problems } = stages();
    const began = (begun += 1);
    const row: InspectionRow = {
      id: agent.newId(),
      check: check.name,
      instance,
      trigger,
      startedAt: clock.now(),
      durationMs: 0,
      status: "ok",
      counts: {},
      error: null,
    };
    if (trigger === "manual") reporter.announce(row);
    const found = await inspect(registered, {
      clock,
      log: agent.log(registered.plugin, instance),
      timeoutMs: agent.config().engine.check_timeout,
      previous: (target) => problems.status(check.name, instance, target),
      oneShot: false,
      signal,
    });
    if (signal.aborted || registry.check(key) !== registered) return;
    // What a host's programs and files say goes into database, ledger and messages from here on.
    const inspection = redactDeep(found, agent.redact);
    agent.recordCall(registered.plugin, instance, inspection.error);
    const results =
      inspection.error === null ? inspection.results : unknownResults(registered, inspection.error);
    const done = { ...row, ...summaryOf(inspection, results) };
    newest.set(key, { began, results: new Map(results.map((result) => [result.target, result])) });
    remember(key, inspection, results, done);
    reporter.results(check.name, instance, results, inspection.skipped);
    reporter.inspection(done);
    if (trigger === "manual") reporter.reportSoon();
    digest(registered, results, inspection.error === null);
  }

  /** A check that can't answer makes all its targets unknown: none is silently forgotten. */
  function unknownResults({ check, instance }: RegisteredCheck, reason: string): Result[] {
    const known = stages().problems.targetsOf(check.name, instance);
    const targets = known.length > 0 ? known : [instance === "default" ? "host" : instance];
    return targets.map((target) => ({ target, status: "unknown", summary: `no answer: ${reason}` }));
  }

  function remember(key: string, inspection: Inspection, results: Result[], row: InspectionRow): void {
    const before = histories.get(key);
    const next: CheckHistory = {
      status: inspection.status,
      lastRunAt: row.startedAt,
      lastDurationMs: row.durationMs,
      runs: (before?.runs ?? 0) + 1,
      failures: (before?.failures ?? 0) + (inspection.error === null ? 0 : 1),
      reason: inspection.error ?? (results.length === 0 ? (inspection.skipped[0]?.reason ?? null) : null),
    };
    histories.set(key, next);
    if (before?.status !== next.status || before.reason !== next.reason) stages().reporter.inventoryChanged();
  }

  function digest(
    { check, instance, host, key }: RegisteredCheck,
    results: Result[],
    complete: boolean,
  ): void {
    const source: ResultSource = {
      check: check.name,
      instance,
      nature: check.nature,
      intervalMs: host.interval ?? check.intervalMs,
      confirmMs: host.confirm ?? check.confirmMs,
      ownGrace: check.ownGrace ?? false,
    };
    // The operator's confirm time wins over what single results ask for.
    const judged: Result[] =
      host.confirm === undefined ? results : results.map(({ confirmMs: _, ...rest }) => rest);
    const pendingMs = stages().digest(source, judged, complete);
    if (pendingMs !== null && pendingMs < source.intervalMs) runAgainIn(key, pendingMs);
  }

  return {
    run,
    async look(key, target, trigger) {
      const asked = begun;
      await trigger();
      const last = newest.get(key);
      if (last === undefined || last.began <= asked) return null;
      const result = last.results.get(target);
      if (result === undefined) return null;
      const { status, summary, certain = false } = result;
      return { status, summary, certain };
    },
    history: (key) => histories.get(key) ?? NEVER_RUN,
    refuse: (key, reason) => void histories.set(key, { ...NEVER_RUN, status: "unknown", reason }),
    forget(key) {
      histories.delete(key);
      newest.delete(key);
    },
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
