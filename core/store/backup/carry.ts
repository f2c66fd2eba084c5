/**
 * What a restore does not take back: the ledger only ever grows, and what was used once stays used. As far as the database
 * that is replaced can still be read, its later entries and its used numbers go into the restored one.
 */
import { existsSync } from "node:fs";
import { isCortexError, messageOf } from "cortex";
import { breakOf, type LedgerEntry } from "../../domain/ledger.ts";
import type { LedgerCheckpoint } from "../agent/agent-store.ts";
import { insertCheckpoint, insertEntry, ledgerEvidence } from "../agent/ledger.repository.ts";
import { createCheckpointLog } from "../agent/checkpoint-log.ts";
import { type Connection, openConnection } from "../connection.ts";
import { storeError } from "../errors.ts";
import { openDatabase } from "../sqlite.ts";
import { type DatabaseName, MIGRATIONS } from "./check-database.ts";

export interface Carried {
  /** Ledger entries that were made after the backup. */
  entries: LedgerEntry[];
  /** Why nothing could be taken over; null when it could, or when nothing is replaced. */
  reason: string | null;
}

/** Numbers that count once: approvals an agent has used, signed requests a Monitor has taken. */
const USED: Record<DatabaseName, { read: string; write: string; columns: string[] }> = {
  "agent.db": {
    read: "SELECT nonce, intent_id, expires_at FROM approvals",
    write: "INSERT OR IGNORE INTO approvals (nonce, intent_id, expires_at) VALUES (?, ?, ?)",
    columns: ["nonce", "intent_id", "expires_at"],
  },
  "monitor.db": {
    read: "SELECT node_id, epoch, ranges FROM requests_seen",
    write: "INSERT OR REPLACE INTO requests_seen (node_id, epoch, ranges) VALUES (?, ?, ?)",
    columns: ["node_id", "epoch", "ranges"],
  },
};

/** From the database at `from`, which is about to be replaced, into the restored one at `into`, which is brought to the newest schema. */
export function carryOver(name: DatabaseName, from: string, into: string): Carried {
  const connection = openConnection(into, MIGRATIONS[name]);
  try {
    if (!existsSync(from)) return { entries: [], reason: null };
    return carryFrom(from, connection, name);
  } catch (error) {
    const mapped = storeError(error, from);
    if (!isCortexError(mapped) && !(error instanceof Error && error.name === "SQLiteError")) throw error;
    return { entries: [], reason: messageOf(mapped) };
  } finally {
    connection.close();
  }
}

function carryFrom(from: string, into: Connection, name: DatabaseName): Carried {
  const db = openDatabase(from);
  try {
    const source: Pick<Connection, "get" | "all"> = {
      get: <T>(sql: string, ...bindings: Parameters<Connection["get"]>[1][]) =>
        (db.query(sql).get(...bindings) ?? null) as T | null,
      all: <T>(sql: string, ...bindings: Parameters<Connection["get"]>[1][]) =>
        db.query(sql).all(...bindings) as T[],
    };
    const { read, write, columns } = USED[name];
    const used = source.all<Record<string, string | number>>(read);
    const later = laterEntries(evidenceOf(source), evidenceOf(into));
    into.transaction(() => {
      for (const row of used) into.run(write, ...columns.map((column) => row[column]!));
      for (const entry of later.entries) insertEntry(into, entry);
      for (const checkpoint of later.checkpoints) insertCheckpoint(into, checkpoint);
    });
    return { entries: later.entries, reason: later.reason };
  } finally {
    db.close();
  }
}

const evidenceOf = (connection: Pick<Connection, "get" | "all">) =>
  ledgerEvidence(connection, { origin: "", log: createCheckpointLog(null), verify: () => true });
type Evidence = ReturnType<typeof evidenceOf>;

const PAGE = 2000;

/** Entries of `source` after the last one of `restored`, if both tell the same history up to there. */
function laterEntries(
  source: Evidence,
  restored: Evidence,
): { entries: LedgerEntry[]; checkpoints: LedgerCheckpoint[]; reason: string | null } {
  const size = restored.count();
  let previous = size === 0 ? null : (restored.read(size - 1, 1)[0] ?? null);
  const same = size === 0 ? null : source.read(size - 1, 1)[0];
  const nothing = (reason: string | null) => ({ entries: [], checkpoints: [], reason });
  if (previous !== null && (!same || !Buffer.from(same.hash).equals(previous.hash)))
    return nothing("its ledger is not the one of the backup");
  const entries: LedgerEntry[] = [];
  for (let page = source.read(size, PAGE); page.length > 0; page = source.read(previous?.seq ?? 0, PAGE))
    for (const entry of page) {
      const fault = breakOf(entry, previous);
      if (fault !== null) return nothing(`its ledger does not hold: entry ${entry.seq} ${fault}`);
      entries.push(entry);
      previous = entry;
    }
  const last = previous?.seq ?? 0;
  const checkpoints = source.checkpoints().filter((one) => one.size > size && one.size <= last);
  return { entries, checkpoints, reason: null };
}
