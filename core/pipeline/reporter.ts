/** Report: the newest results and the runs since the last time, heartbeats, and the inventory whenever it changed. */
import { type Clock, type Log, messageOf, type Result } from "cortex";
import type { Config } from "../config/schema.ts";
import type { AgentStore, InspectionRow } from "../store/agent/agent-store.ts";
import { toIso } from "../wire/envelope.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { InspectionBody, WireResult } from "../wire/report.ts";
import { readSwitch } from "./attempts.ts";
import type { Outbox } from "./outbox.ts";

/** Recent samples kept for evidence. */
const RECENT_MS = 5 * 60_000;
const MAX_RECENT = 120;

export interface Reporter {
  /** Newest results of one run. */
  results(
    check: string,
    instance: string,
    results: Result[],
    skipped: { target: string | null; reason: string }[],
  ): void;
  inspection(row: InspectionRow): void;
  /** Tell of a run at once (asked for by hand). */
  announce(row: InspectionRow, state: InspectionBody["state"]): void;
  /** Something of the inventory changed; it is sent with the next turn. */
  inventoryChanged(): void;
  forget(check: string, instance: string): void;
  /** Send what has gathered; called on the report interval and at stop. */
  report(): void;
  /** Say at once that the node lives and whether its repairs are on. */
  heartbeat(): void;
  recentSamples(): string;
  currentTrouble(): string;
  start(): void;
  stop(): void;
}

export interface ReporterDeps {
  store: AgentStore;
  outbox: Outbox;
  clock: Clock;
  config: () => Config;
  version: string;
  uptimeMs: () => number;
  openProblems: () => number;
  inventory: () => InventoryBody;
  log: Log;
}

export function createReporter(deps: ReporterDeps): Reporter {
  const { store, outbox, clock } = deps;
  const newest = new Map<string, WireResult>();
  const changed = new Set<string>();
  const skips = new Map<string, { check: string; instance: string; reason: string }>();
  let rows: InspectionRow[] = [];
  let recent: { at: number; line: string }[] = [];
  const timers = new Map<string, () => void>();
  let inventoryPending = false;
  let stopped = false;

  const keyOf = (check: string, instance: string, target: string) => `${check}\0${instance}\0${target}`;

  function report(): void {
    const results = [...changed].flatMap((key) => newest.get(key) ?? []);
    const inspections = rows;
    if (results.length === 0 && inspections.length === 0) return;
    store.transaction(() => {
      for (const row of inspections) store.inspections.add(row);
      outbox.publish("report", {
        at: toIso(clock.now()),
        results,
        skipped: [...skips.values()],
        inspections: inspections.map((row) => toBody(row, "done")),
      });
    });
    changed.clear();
    rows = [];
  }

  function heartbeat(): void {
    outbox.publish("heartbeat", {
      at: toIso(clock.now()),
      uptimeSeconds: Math.round(deps.uptimeMs() / 1000),
      repairs: readSwitch(store).repairs,
      openProblems: deps.openProblems(),
      spooled: store.spool.size().rows,
      version: deps.version,
    });
  }

  function every(name: string, ms: () => number, run: () => void): void {
    const next = () => {
      timers.set(
        name,
        clock.after(ms(), () => {
          if (stopped) return;
          try {
            run();
          } catch (error) {
            deps.log.error("A report could not be stored; it is tried again.", { reason: messageOf(error) });
          }
          next();
        }),
      );
    };
    next();
  }

  function remember(check: string, result: Result): void {
    const metrics = Object.entries(result.metrics ?? {});
    if (metrics.length === 0) return;
    const at = clock.now();
    recent.push({
      at,
      line: `${toIso(at)} ${check} ${result.target} ${metrics.map(([k, v]) => `${k}=${v}`).join(" ")}`,
    });
    if (recent.length > 2 * MAX_RECENT)
      recent = recent.filter((one) => one.at > at - RECENT_MS).slice(-MAX_RECENT * 2);
  }

  return {
    results(check, instance, results, skipped) {
      const at = toIso(clock.now());
      const skipKey = keyOf(check, instance, "");
      if (skipped.length > 0 && results.length === 0)
        skips.set(skipKey, { check, instance, reason: skipped[0]!.reason.slice(0, 1000) });
      else skips.delete(skipKey);
      for (const result of results) {
        const key = keyOf(check, instance, result.target);
        newest.set(key, {
          check,
          instance,
          target: result.target,
          status: result.status,
          summary: result.summary,
          metrics: result.metrics ?? {},
          labels: result.labels ?? {},
          observe: result.observe ?? false,
          at,
        });
        changed.add(key);
        remember(check, result);
      }
    },
    inspection(row) {
      rows.push(row);
    },
    announce(row, state) {
      outbox.publish("inspection", toBody(row, state));
    },
    inventoryChanged() {
      if (inventoryPending || stopped) return;
      inventoryPending = true;
      const cancel = clock.after(50, () => {
        inventoryPending = false;
        if (!stopped) outbox.publish("inventory", deps.inventory());
      });
      timers.set("inventory", cancel);
    },
    forget(check, instance) {
      for (const [key, result] of newest)
        if (result.check === check && result.instance === instance) {
          newest.delete(key);
          changed.delete(key);
        }
    },
    report,
    heartbeat,
    recentSamples: () => recent.map((one) => one.line).join("\n"),
    currentTrouble: () =>
      [...newest.values()]
        .filter((result) => result.status !== "ok")
        .map((result) => `${result.status} ${result.check} ${result.target}: ${result.summary}`)
        .join("\n"),
    start() {
      heartbeat();
      every("report", () => deps.config().link.report, report);
      every("heartbeat", () => deps.config().link.heartbeat, heartbeat);
    },
    stop() {
      report();
      stopped = true;
      for (const cancel of timers.values()) cancel();
    },
  };
}

function toBody(row: InspectionRow, state: InspectionBody["state"]): InspectionBody {
  return {
    id: row.id,
    check: row.check,
    instance: row.instance,
    trigger: row.trigger,
    state,
    startedAt: toIso(row.startedAt),
    durationSeconds: state === "done" ? row.durationMs / 1000 : null,
    status: state === "done" ? row.status : null,
    counts: row.counts,
    error: row.error,
  };
}
