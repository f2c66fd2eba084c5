/**
 * How checks have run since their node last sent its inventory. An inventory comes only when something about a check
 * changes; its counters would stand still in between, and "checking goes on" could not be seen.
 */
import { fromIso, toIso } from "../wire/envelope.ts";
import type { InventoryBody, WireCheck } from "../wire/inventory.ts";
import type { InspectionBody } from "../wire/report.ts";

interface Since {
  /** Start of the last run that the inventory already counts, epoch ms; 0 before any. */
  countedUntil: number;
  runs: number;
  failures: number;
  last: InspectionBody | null;
}

export interface CheckRuns {
  ran(node: string, run: InspectionBody): void;
  inventory(node: string, body: InventoryBody): void;
  /** The check as its node described it, with what has happened since. */
  upToDate(node: string, check: WireCheck): WireCheck;
}

const idOf = ({ check, instance }: InspectionBody) =>
  instance === "default" ? check : `${check}~${instance}`;

export function createCheckRuns(): CheckRuns {
  const nodes = new Map<string, Map<string, Since>>();
  const checksOf = (node: string) => {
    const known = nodes.get(node) ?? new Map<string, Since>();
    nodes.set(node, known);
    return known;
  };

  return {
    ran(node, run) {
      if (run.state !== "done") return;
      const checks = checksOf(node);
      const since = checks.get(idOf(run)) ?? { countedUntil: 0, runs: 0, failures: 0, last: null };
      const at = fromIso(run.startedAt);
      if (at <= since.countedUntil) return;
      since.runs += 1;
      if (run.error !== null) since.failures += 1;
      if (since.last === null || at >= fromIso(since.last.startedAt)) since.last = run;
      checks.set(idOf(run), since);
    },
    inventory(node, body) {
      const counted = body.checks.map((check): [string, Since] => [
        check.id,
        {
          countedUntil: check.lastRunAt === null ? 0 : fromIso(check.lastRunAt),
          runs: 0,
          failures: 0,
          last: null,
        },
      ]);
      nodes.set(node, new Map(counted));
    },
    upToDate(node, check) {
      const since = nodes.get(node)?.get(check.id);
      if (since === undefined || since.last === null) return check;
      const { last } = since;
      const known =
        last.status === "ok" ||
        last.status === "warning" ||
        last.status === "critical" ||
        last.status === "unknown";
      return {
        ...check,
        runs: check.runs + since.runs,
        failures: check.failures + since.failures,
        lastRunAt: last.startedAt,
        lastDurationSeconds: last.durationSeconds,
        status: known ? (last.status as WireCheck["status"]) : check.status,
        nextRunAt:
          check.state === "paused" || check.intervalSeconds === null
            ? check.nextRunAt
            : toIso(fromIso(last.startedAt) + check.intervalSeconds * 1000),
      };
    },
  };
}
