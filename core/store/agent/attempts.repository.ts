/** Repair attempts and open circuit breakers. */
import type { TimeMark } from "../../domain/problem.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore, AttemptRow, Breaker } from "./agent-store.ts";

const COLUMNS = `intent_id AS intentId, fingerprint AS problemFingerprint, check_name AS "check", target, repair,
  started_at AS startedAt, boot_id AS bootId, mono_ms AS monoMs, outcome, ended_at AS endedAt`;

/** As `elapsed` counts time: by the monotonic clock within this boot, across boots by the wall clock, and at least this boot's age. */
const WITHIN = "((boot_id = ? AND mono_ms > ?) OR (boot_id <> ? AND started_at > ? AND ? < ?))";
const within = (now: TimeMark, ms: number) => [
  now.bootId,
  now.mono - ms,
  now.bootId,
  now.wall - ms,
  now.mono,
  ms,
];

export function createAttempts(connection: Connection): AgentStore["attempts"] {
  return {
    put: (attempt) => {
      connection.run(
        `INSERT OR REPLACE INTO attempts
         (intent_id, fingerprint, check_name, target, repair, started_at, boot_id, mono_ms, outcome, ended_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        attempt.intentId,
        attempt.problemFingerprint,
        attempt.check,
        attempt.target,
        attempt.repair,
        attempt.startedAt,
        attempt.bootId,
        attempt.monoMs,
        attempt.outcome,
        attempt.endedAt,
      );
    },
    since: (fingerprint, at) =>
      connection.all<AttemptRow>(
        `SELECT ${COLUMNS} FROM attempts WHERE fingerprint = ? AND started_at >= ? ORDER BY started_at, intent_id`,
        fingerprint,
        at,
      ),
    running: () =>
      connection.all<AttemptRow>(
        `SELECT ${COLUMNS} FROM attempts WHERE outcome = 'running' ORDER BY started_at, intent_id`,
      ),
    countWithin: (now, ms) =>
      connection.get<{ count: number }>(
        `SELECT count(*) AS count FROM attempts WHERE ${WITHIN}`,
        ...within(now, ms),
      )?.count ?? 0,
    within: (now, ms) =>
      connection.all<AttemptRow>(
        `SELECT ${COLUMNS} FROM attempts WHERE ${WITHIN} ORDER BY started_at, intent_id`,
        ...within(now, ms),
      ),
    successesWithin: (now, ms) =>
      connection.all<AttemptRow>(
        `SELECT ${COLUMNS} FROM attempts WHERE outcome = 'success' AND ${WITHIN} ORDER BY started_at, intent_id`,
        ...within(now, ms),
      ),
    byRepair: () =>
      connection.all(
        `SELECT repair, count(*) AS attempts, sum(outcome = 'success') AS successes,
           sum(outcome IN ('failure', 'interrupted')) AS failures, max(started_at) AS lastAt
         FROM attempts GROUP BY repair`,
      ),
  };
}

interface BreakerRow {
  fingerprint: string;
  until: number;
  openedAt: number;
  bootId: string;
  monoMs: number;
}

const BREAKER = "fingerprint, until, opened_at AS openedAt, boot_id AS bootId, mono_ms AS monoMs";

const toBreaker = ({ until, openedAt, bootId, monoMs }: BreakerRow): Breaker => ({
  until,
  opened: { wall: openedAt, bootId, mono: monoMs },
});

export function createBreakers(connection: Connection): AgentStore["breakers"] {
  return {
    get: (fingerprint) => {
      const row = connection.get<BreakerRow>(
        `SELECT ${BREAKER} FROM breakers WHERE fingerprint = ?`,
        fingerprint,
      );
      return row === null ? null : toBreaker(row);
    },
    put: (fingerprint, until, opened) => {
      connection.run(
        "INSERT OR REPLACE INTO breakers (fingerprint, until, opened_at, boot_id, mono_ms) VALUES (?, ?, ?, ?, ?)",
        fingerprint,
        until,
        opened.wall,
        opened.bootId,
        opened.mono,
      );
    },
    remove: (fingerprint) => {
      connection.run("DELETE FROM breakers WHERE fingerprint = ?", fingerprint);
    },
    all: () =>
      connection
        .all<BreakerRow>(`SELECT ${BREAKER} FROM breakers ORDER BY fingerprint`)
        .map((row) => ({ fingerprint: row.fingerprint, ...toBreaker(row) })),
  };
}
