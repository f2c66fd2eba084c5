/**
 * What a restore does not take back: the ledger only ever grows, and what was used once stays used. As far as the database
 * that is replaced can still be read, its later entries, its used numbers and what was done since go into the
 * restored one.
 */
import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { isCortexError, messageOf } from "cortex";
import { breakOf, type LedgerEntry } from "../../domain/ledger.ts";
import type { LedgerCheckpoint } from "../agent/agent-store.ts";
import { insertCheckpoint, insertEntry, ledgerEvidence } from "../agent/ledger.repository.ts";
import { createCheckpointLog } from "../agent/checkpoint-log.ts";
import { type Binding, type Connection, openConnection } from "../connection.ts";
import { storeError } from "../errors.ts";
import { openDatabase } from "../sqlite.ts";
import { type DatabaseName, MIGRATIONS } from "./check-database.ts";

export interface Carried {
  /** Ledger entries that were made after the backup. */
  entries: LedgerEntry[];
  /** Why nothing could be taken over; null when it could, or when nothing is replaced. */
  reason: string | null;
}

interface Rows {
  table: string;
  read: string;
  write: string;
  columns: readonly string[];
}

/** Numbers that count once: approvals an agent has used, signed requests a Monitor has taken. */
const USED: Record<DatabaseName, Rows> = {
  "agent.db": {
    table: "approvals",
    read: "SELECT nonce, intent_id, expires_at FROM approvals",
    write: "INSERT OR IGNORE INTO approvals (nonce, intent_id, expires_at) VALUES (?, ?, ?)",
    columns: ["nonce", "intent_id", "expires_at"],
  },
  "monitor.db": {
    table: "requests_seen",
    read: "SELECT node_id, epoch, ranges FROM requests_seen",
    write: "INSERT OR REPLACE INTO requests_seen (node_id, epoch, ranges) VALUES (?, ?, ?)",
    columns: ["node_id", "epoch", "ranges"],
  },
};
/**
 * Where the later row is the true one, whatever is restored around it: the last word of people to the node (its switch, its
 * autonomy), and what repairs have earned and lost.
 */
const LATEST: Record<DatabaseName, readonly Rows[]> = {
  "agent.db": [
    {
      table: "meta",
      read: "SELECT key, value FROM meta",
      write: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
      columns: ["key", "value"],
    },
  ],
  "monitor.db": [
    {
      table: "autonomy_grants",
      read: `SELECT id, repair, scope, state, max_class, by_whom, reason, at, expires_at, ended_at, ended_by, end_reason
        FROM autonomy_grants`,
      write: `INSERT OR REPLACE INTO autonomy_grants
        (id, repair, scope, state, max_class, by_whom, reason, at, expires_at, ended_at, ended_by, end_reason)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      columns: [
        ...["id", "repair", "scope", "state", "max_class", "by_whom", "reason", "at", "expires_at"],
        ...["ended_at", "ended_by", "end_reason"],
      ],
    },
    {
      table: "autonomy_outcomes",
      read: "SELECT node_id, intent_id, repair, class, ok, asked, at FROM autonomy_outcomes",
      write: `INSERT OR REPLACE INTO autonomy_outcomes (node_id, intent_id, repair, class, ok, asked, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
      columns: ["node_id", "intent_id", "repair", "class", "ok", "asked", "at"],
    },
    {
      table: "standings",
      read: "SELECT node_id, document, told_at, refusal FROM standings",
      write: "INSERT OR REPLACE INTO standings (node_id, document, told_at, refusal) VALUES (?, ?, ?, ?)",
      columns: ["node_id", "document", "told_at", "refusal"],
    },
  ],
};

/**
 * What was done since, and what is known of the host now: a repair of which the ledger tells is found, and a process that was
 * started since is known for what it is. Rows as they are, the later one of two with the same key.
 */
const HISTORY: Record<DatabaseName, readonly string[]> = {
  "agent.db": ["plugin_values", "targets", "problems", "intents", "attempts", "breakers", "evidence"],
  "monitor.db": ["problems", "intents", "decisions"],
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
    const later = laterEntries(evidenceOf(source), evidenceOf(into));
    // Only the same history, further on, knows better than the backup.
    const wanted = [USED[name], ...(later.reason === null ? LATEST[name] : [])];
    const tables = wanted.map((one) => ({ ...one, rows: rowsOf(one, source) }));
    into.transaction(() => {
      for (const { write, columns, rows } of tables)
        for (const row of rows) into.run(write, ...columns.map((column) => row[column] ?? null));
      if (later.reason === null) for (const table of HISTORY[name]) copyRows(table, db, into);
      for (const entry of later.entries) insertEntry(into, entry);
      for (const checkpoint of later.checkpoints) insertCheckpoint(into, checkpoint);
    });
    return { entries: later.entries, reason: later.reason };
  } finally {
    db.close();
  }
}

/** None where the database that is replaced is of an older schema, which has no such table. */
function rowsOf(
  { table, read }: Rows,
  source: Pick<Connection, "get" | "all">,
): Record<string, string | number | null>[] {
  const isThere = source.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", table) !== null;
  return isThere ? source.all(read) : [];
}

/** By the columns that both know: the database that is replaced may be of an older schema. One row at a time: there may be many. */
function copyRows(table: string, from: Database, into: Connection): void {
  const columns = "SELECT name FROM pragma_table_info(?)";
  const theirs = new Set(
    from
      .query<{ name: string }, [string]>(columns)
      .all(table)
      .map(({ name }) => name),
  );
  // Names of our own schema only: the other file may say anything.
  const known = into
    .all<{ name: string }>(columns, table)
    .map(({ name }) => name)
    .filter((name) => theirs.has(name));
  if (known.length === 0) return;
  // oxlint-disable-next-line cortex/no-sql-template -- names of our own tables and columns; the values are bound
  const write = `INSERT OR REPLACE INTO ${table} (${known.join(", ")}) VALUES (${known.map(() => "?").join(", ")})`;
  // oxlint-disable-next-line cortex/no-sql-template -- the same names
  const read = `SELECT ${known.join(", ")} FROM ${table}`;
  for (const row of from.query<Record<string, Binding>, []>(read).iterate())
    into.run(write, ...known.map((name) => row[name] ?? null));
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
