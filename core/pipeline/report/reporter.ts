/** Report: the newest results and the runs since the last time, heartbeats, and the inventory whenever it changed. */
import { type Clock, type Log, messageOf, type Result } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { AgentStore, InspectionRow } from "../../store/agent/agent-store.ts";
import { toIso } from "../../wire/envelope.ts";
import type { InventoryBody } from "../../wire/inventory.ts";
import type { InspectionBody, WireResult } from "../../wire/report.ts";
import { readSwitch } from "../propose/attempts.ts";
import { reportedResult } from "./reported-result.ts";
import type { Outbox } from "./outbox.ts";

/** What is due within this time of each other is said together: one commit on each side instead of two. */
const TOGETHER_MS = 1000;
/** Not seen by people, and long enough for most checks of one inspection. */
const SOON_MS = 30;
/** Recent samples kept for evidence. */
const RECENT_MS = 5 * 60_000;
const MAX_RECENT = 240;
/** Runs that wait to be stored; while the disk takes nothing, the oldest are let go. */
const MAX_ROWS = 5000;

export interface Reporter {
  /** Newest results of one run. */
  results(
    check: string,
    instance: string,
    results: Result[],
    skipped: { target: string | null; reason: string }[],
  ): void;
  inspection(row: InspectionRow): void;
  /** Tell at once that a run began (asked for by hand); its end is in a report. */
  announce(row: InspectionRow): void;
  /** Something of the inventory changed; it is sent with the next turn. */
  inventoryChanged(): void;
  /** At once: what is proposed next is judged by what the Monitor knows of the repairs. */
  inventoryNow(): void;
  forget(check: string, instance: string): void;
  /** Send what has gathered; called on the report interval and at stop. */
  report(): void;
  /** The same in a moment, for what somebody waits for: runs that end together are told together. */
  reportSoon(): void;
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
  /** What is bad and no problem yet: since when, and how long it has to last; wall ms and ms. */
  confirming: (check: string, instance: string, target: string) => { since: number; ms: number } | null;
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

  function withConfirming(result: WireResult): WireResult {
    const known =
      result.status === "ok" ? null : deps.confirming(result.check, result.instance, result.target);
    if (known === null) return result;
    return { ...result, confirming: { since: toIso(known.since), seconds: known.ms / 1000 } };
  }

  const keyOf = (check: string, instance: string, target: string) => `${check}\0${instance}\0${target}`;

  /** Inside a transaction; what was gathered is forgotten by `sent`, once that is durable. */
  function publishReport(): { sent: () => void } {
    const results = [...changed].flatMap((key) => newest.get(key) ?? []).map(withConfirming);
    const inspections = rows;
    if (results.length === 0 && inspections.length === 0) return { sent: () => {} };
    for (const row of inspections) store.inspections.add(row);
    outbox.publish("report", {
      at: toIso(clock.now()),
      results,
      skipped: [...skips.values()],
      inspections: inspections.map((row) => toBody(row, "done")),
    });
    return {
      sent() {
        changed.clear();
        rows = [];
      },
    };
  }

  const report = () => store.transaction(publishReport).sent();

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

  const intervals = {
    report: () => deps.config().link.report,
    heartbeat: () => deps.config().link.heartbeat,
  };
  /** Monotonic ms; kept as deadlines, so that nothing drifts. */
  const due = { report: Infinity, heartbeat: Infinity };

  function arm(): void {
    timers.get("due")?.();
    const wait = Math.min(due.report, due.heartbeat) - clock.monotonic();
    timers.set("due", clock.after(Math.max(0, wait), tellWhatIsDue));
  }

  function tellWhatIsDue(): void {
    if (stopped) return;
    const horizon = clock.monotonic() + TOGETHER_MS;
    const isDue = { report: due.report <= horizon, heartbeat: due.heartbeat <= horizon };
    try {
      store
        .transaction(() => {
          if (isDue.heartbeat) heartbeat();
          return isDue.report ? publishReport() : null;
        })
        ?.sent();
    } catch (error) {
      deps.log.error("A report could not be stored; it is tried again.", { reason: messageOf(error) });
    }
    for (const name of ["report", "heartbeat"] as const)
      if (isDue[name]) due[name] = nextDeadline(due[name], intervals[name](), clock.monotonic());
    arm();
  }

  /** What can't be stored now is said the next time; it must not end the program. */
  function quietly(say: () => void): void {
    try {
      say();
    } catch (error) {
      deps.log.error("A message could not be stored.", { reason: messageOf(error) });
    }
  }

  const newestLines = (now: number) => recent.filter((one) => one.at > now - RECENT_MS).slice(-MAX_RECENT);

  function remember(check: string, result: Result): void {
    const metrics = Object.entries(result.metrics ?? {});
    if (metrics.length === 0) return;
    const at = clock.now();
    recent.push({
      at,
      line: `${toIso(at)} ${check} ${result.target} ${metrics.map(([k, v]) => `${k}=${v}`).join(" ")}`,
    });
    // Now and then only: a result adds one line, and all of them would be copied for it.
    if (recent.length > 2 * MAX_RECENT) recent = newestLines(at);
  }

  function tellInventory(): void {
    inventoryPending = false;
    if (!stopped) quietly(() => outbox.publish("inventory", deps.inventory()));
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
        newest.set(key, { ...reportedResult(check, instance, result), at });
        changed.add(key);
        remember(check, result);
      }
    },
    inspection(row) {
      rows.push(row);
      if (rows.length > MAX_ROWS) rows = rows.slice(-MAX_ROWS / 2);
    },
    announce(row) {
      outbox.publish("inspection", toBody(row, "running"));
    },
    reportSoon() {
      due.report = Math.min(due.report, clock.monotonic() + SOON_MS);
      if (!stopped) arm();
    },
    inventoryChanged() {
      if (inventoryPending || stopped) return;
      inventoryPending = true;
      timers.set("inventory", clock.after(50, tellInventory));
    },
    inventoryNow() {
      timers.get("inventory")?.();
      tellInventory();
    },
    forget(check, instance) {
      for (const [key, result] of newest)
        if (result.check === check && result.instance === instance) {
          newest.delete(key);
          changed.delete(key);
        }
    },
    report,
    heartbeat: () => quietly(heartbeat),
    recentSamples: () =>
      newestLines(clock.now())
        .map((one) => one.line)
        .join("\n"),
    currentTrouble: () =>
      [...newest.values()]
        .filter((result) => result.status !== "ok")
        .map((result) => `${result.status} ${result.check} ${result.target}: ${result.summary}`)
        .join("\n"),
    start() {
      quietly(heartbeat);
      due.report = clock.monotonic() + intervals.report();
      due.heartbeat = clock.monotonic() + intervals.heartbeat();
      arm();
    },
    stop() {
      quietly(report);
      stopped = true;
      for (const cancel of timers.values()) cancel();
    },
  };
}

/** The next one after the present, in step with the last; a missed one is not made up for. */
function nextDeadline(last: number, interval: number, now: number): number {
  return last + Math.max(1, Math.ceil((now - last + 1) / interval)) * interval;
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
