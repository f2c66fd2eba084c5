/** Repair attempts and open circuit breakers. */
import type { Connection } from "../connection.ts";
import type { AgentStore, AttemptRow } from "./agent-store.ts";

const COLUMNS = `intent_id AS intentId, fingerprint AS problemFingerprint, check_name AS "check", target, repair,
  started_at AS startedAt, boot_id AS bootId, mono_ms AS monoMs, outcome, ended_at AS endedAt`;

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
  };
}

export function createBreakers(connection: Connection): AgentStore["breakers"] {
  return {
    get: (fingerprint) =>
      connection.get("SELECT until, opened_at AS openedAt FROM breakers WHERE fingerprint = ?", fingerprint),
    put: (fingerprint, until, openedAt) => {
      connection.run(
        "INSERT OR REPLACE INTO breakers (fingerprint, until, opened_at) VALUES (?, ?, ?)",
        fingerprint,
        until,
        openedAt,
      );
    },
    remove: (fingerprint) => {
      connection.run("DELETE FROM breakers WHERE fingerprint = ?", fingerprint);
    },
    all: () =>
      connection.all("SELECT fingerprint, until, opened_at AS openedAt FROM breakers ORDER BY fingerprint"),
  };
}
