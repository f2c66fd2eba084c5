/** Proof that a database file is what Cortex wrote: its structure, every table and view of it, and its ledger. */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import { backupErrors, type BackupFile, type LedgerFacts } from "../../domain/backup.ts";
import { createCheckpointLog } from "../agent/checkpoint-log.ts";
import { ledgerEvidence } from "../agent/ledger.repository.ts";
import { verifyLedger } from "../agent/ledger-verify.ts";
import { agentMigrations } from "../agent/schema.ts";
import { storeError } from "../errors.ts";
import { verifySignature } from "../key-file.ts";
import { type Migration, migrate, schemaVersion } from "../migrate.ts";
import { MONITOR_MIGRATIONS } from "../monitor/migrations.ts";
import { openDatabase, quickCheck } from "../sqlite.ts";

export type DatabaseName = Exclude<BackupFile, "keys.sealed">;

export const MIGRATIONS: Record<DatabaseName, readonly Migration[]> = {
  "agent.db": agentMigrations,
  "monitor.db": MONITOR_MIGRATIONS,
};

export interface LedgerKeys {
  node: string;
  /** Raw public keys, base64. */
  keys: { node: readonly string[]; monitor: string | null };
}

export const originOf = (name: DatabaseName, node: string): string =>
  name === "agent.db" ? node : `monitor:${node}`;

/**
 * Check the file at `path`, which nobody writes. Whoever made it may be hostile: it is opened for reading, its schema is not
 * trusted, and only tables, indexes and triggers that the migrations make, word for word, are accepted. Errors:
 * `backup.damaged`, `backup.schema`, `backup.newer_schema`. A ledger that does not hold is a fact, not an error.
 */
export async function checkDatabase(
  path: string,
  name: DatabaseName,
  keys: LedgerKeys,
): Promise<{ schema: number; ledger: LedgerFacts }> {
  try {
    const db = openDatabase(path, { readonly: true });
    try {
      const schema = checkSchema(db, name);
      const [problem] = quickCheck(db);
      if (problem !== undefined) throw backupErrors.damaged(`${name} is damaged: ${problem}`);
      return { schema, ledger: await ledgerOf(db, name, keys) };
    } finally {
      db.close();
    }
  } catch (error) {
    const mapped = storeError(error, path);
    const { code } = mapped as { code?: string };
    if (code === "store.corrupt")
      throw backupErrors.damaged(`${name} is damaged: SQLite can't read it`, { cause: error });
    throw mapped;
  }
}

/** Schema version; what differs from the schema of that version is named. */
function checkSchema(db: Database, name: DatabaseName): number {
  const version = schemaVersion(db);
  const migrations = MIGRATIONS[name];
  if (version > migrations.length)
    throw backupErrors.newer_schema(
      `${name} has schema ${version}, this Cortex knows up to ${migrations.length}: install the Cortex that made it, or a newer one`,
    );
  const expected = new Set(expectedSchema(migrations.slice(0, version)));
  const found = schemaOf(db);
  const strange = found.find((one) => !expected.has(one));
  if (strange !== undefined)
    throw backupErrors.schema(`${name} holds what Cortex did not make: ${describe(strange)}`);
  const missing = [...expected].find((one) => !found.includes(one));
  if (missing !== undefined) throw backupErrors.schema(`${name} lacks ${describe(missing)}`);
  return version;
}

const schemaOf = (db: Database): string[] =>
  db
    .query<{ type: string; name: string; tbl_name: string; sql: string | null }, []>(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema",
    )
    .all()
    .map((row) => JSON.stringify([row.type, row.name, row.tbl_name, row.sql]));

function expectedSchema(migrations: readonly Migration[]): string[] {
  const db = openDatabase(":memory:");
  try {
    migrate(db, migrations, { path: ":memory:" });
    return schemaOf(db);
  } finally {
    db.close();
  }
}

function describe(row: string): string {
  const [type, name] = JSON.parse(row) as [string, string];
  return `${type} ${JSON.stringify(name.slice(0, 60))}`;
}

async function ledgerOf(db: Database, name: DatabaseName, { node, keys }: LedgerKeys): Promise<LedgerFacts> {
  const origin = originOf(name, node);
  const trusted = [...(keys.monitor === null ? [] : [keys.monitor]), ...keys.node].map(
    (key) => new Uint8Array(Buffer.from(key, "base64")),
  );
  const reader = {
    get: <T>(sql: string, ...bindings: SQLQueryBindings[]) => (db.query(sql).get(...bindings) ?? null) as T,
    all: <T>(sql: string, ...bindings: SQLQueryBindings[]) => db.query(sql).all(...bindings) as T[],
  };
  const { entries, fault } = await verifyLedger(
    ledgerEvidence(reader, {
      origin,
      log: createCheckpointLog(null),
      verify: (message, signature) => trusted.some((key) => verifySignature(key, message, signature)),
    }),
  );
  const last = reader.get<{ hash: Uint8Array } | null>("SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1");
  return {
    origin,
    entries,
    head: last === null ? null : Buffer.from(last.hash).toString("hex"),
    fault: fault === null ? null : { seq: fault.seq, reason: fault.reason.slice(0, 500) },
  };
}
