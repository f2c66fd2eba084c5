/** History of check runs, and the operators' words about checks: paused, in maintenance. */
import type { Connection } from "../connection.ts";
import type { AgentStore, InspectionRow, Maintenance } from "./agent-store.ts";
import { where } from "./where.ts";

type StoredInspection = Omit<InspectionRow, "counts"> & { counts: string };

export function createInspections(connection: Connection): AgentStore["inspections"] {
  return {
    add: (row) => {
      connection.run(
        `INSERT INTO inspections
         (id, check_name, instance, trigger_kind, started_at, duration_ms, status, counts, error)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.id,
        row.check,
        row.instance,
        row.trigger,
        row.startedAt,
        row.durationMs,
        row.status,
        JSON.stringify(row.counts),
        row.error,
      );
    },
    find: (filter) => {
      const { sql, bindings } = where([
        ["check_name = ?", filter.check],
        ["id < ?", filter.before],
      ]);
      const rows = connection.all<StoredInspection>(
        `SELECT id, check_name AS "check", instance, trigger_kind AS "trigger", started_at AS startedAt,
           duration_ms AS durationMs, status, counts, error
         FROM inspections ${sql} ORDER BY id DESC LIMIT ?`,
        ...bindings,
        filter.limit ?? 100,
      );
      return rows.map((row) => ({ ...row, counts: JSON.parse(row.counts) as Record<string, number> }));
    },
  };
}

export function createPausedChecks(connection: Connection): AgentStore["pausedChecks"] {
  return {
    all: () =>
      connection.all(
        `SELECT check_name AS "check", instance, since, until, actor FROM paused_checks ORDER BY check_name, instance`,
      ),
    put: (check, instance, since, until, actor) => {
      connection.run(
        "INSERT OR REPLACE INTO paused_checks (check_name, instance, since, until, actor) VALUES (?, ?, ?, ?, ?)",
        check,
        instance,
        since,
        until,
        actor,
      );
    },
    remove: (check, instance) => {
      connection.run("DELETE FROM paused_checks WHERE check_name = ? AND instance = ?", check, instance);
    },
  };
}

export function createMaintenance(connection: Connection): AgentStore["maintenance"] {
  return {
    all: () =>
      connection.all<Maintenance>(
        `SELECT id, check_name AS "check", target, starts_at AS "from", ends_at AS until, reason, actor
         FROM maintenance ORDER BY starts_at, id`,
      ),
    put: (window) => {
      connection.run(
        `INSERT OR REPLACE INTO maintenance (id, check_name, target, starts_at, ends_at, reason, actor)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        window.id,
        window.check,
        window.target,
        window.from,
        window.until,
        window.reason,
        window.actor,
      );
    },
    remove: (id) => {
      connection.run("DELETE FROM maintenance WHERE id = ?", id);
    },
  };
}
