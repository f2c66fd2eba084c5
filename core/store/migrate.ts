/**
 * Forward-only migrations, embedded as TypeScript so that the compiled binary needs no files. One runner serves every
 * database (agent, monitor, metrics). The schema version is `PRAGMA user_version`, which is part of the transaction.
 */
import type { Database } from "bun:sqlite";
import { lstatSync } from "node:fs";
import { messageOf } from "cortex";
import { storeError, storeErrors } from "./errors.ts";
import { openDatabase, type OpenOptions } from "./sqlite.ts";

export interface Migration {
  /** 1, 2, 3 … without gaps; never changed once released. */
  id: number;
  sql: string;
}

export interface MigrateOptions {
  /** Path of the file, for messages. */
  path: string;
}

export interface MigrateResult {
  from: number;
  to: number;
}

export function schemaVersion(db: Database): number {
  return db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

/**
 * Bring `db` to the newest schema. Each migration is one transaction; a failed one leaves the file at the version before.
 * The program makes a backup before. Errors: `store.newer_schema` (nothing was changed), `store.migration_failed`.
 */
export function migrate(
  db: Database,
  migrations: readonly Migration[],
  options: MigrateOptions,
): MigrateResult {
  for (const [index, migration] of migrations.entries())
    if (migration.id !== index + 1)
      throw storeErrors.migration_failed(
        `migration ${index + 1} of ${options.path} has the id ${migration.id}`,
      );
  const from = schemaVersion(db);
  refuseNewer(from, migrations, options.path);
  const pending = migrations.slice(from);
  if (pending.length === 0) return { from, to: from };
  // Tables that others refer to can only be rebuilt with this off; it can't be changed inside a transaction.
  db.run("PRAGMA foreign_keys = OFF");
  try {
    for (const migration of pending) apply(db, migration, options.path);
  } finally {
    db.run("PRAGMA foreign_keys = ON");
  }
  return { from, to: migrations.length };
}

function refuseNewer(found: number, migrations: readonly Migration[], path: string): void {
  if (found <= migrations.length) return;
  throw storeErrors.newer_schema(
    `${path} has schema ${found}, this Cortex knows up to ${migrations.length}; nothing was changed. ` +
      "Install the newer Cortex again, or restore the backup made before its upgrade: cortex backup list",
    { details: { path, found, known: migrations.length } },
  );
}

function apply(db: Database, migration: Migration, path: string): void {
  db.run("BEGIN IMMEDIATE");
  try {
    db.run(migration.sql);
    const orphans = db.query("PRAGMA foreign_key_check").all().length;
    if (orphans > 0) throw new Error(`${orphans} rows would refer to rows that don't exist`);
    // oxlint-disable-next-line cortex/no-sql-template -- a pragma takes no bindings; the id is ours
    db.run(`PRAGMA user_version = ${migration.id}`);
    db.run("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    const mapped = storeError(error, path);
    if (mapped !== error) throw mapped;
    throw storeErrors.migration_failed(
      `${path} stays at schema ${migration.id - 1}: migration ${migration.id} failed (${messageOf(error)}); the backup from before is in: cortex backup list`,
      { cause: error },
    );
  }
}

/**
 * Open and migrate. The version is read over a read-only connection first, so that a file written by a newer Cortex is
 * not touched at all, not even by a checkpoint of its log.
 */
export function openMigrated(
  path: string,
  migrations: readonly Migration[],
  options: Omit<OpenOptions, "readonly"> = {},
): Database {
  if (path !== ":memory:") refuseNewer(storedVersion(path), migrations, path);
  const db = openDatabase(path, options);
  try {
    migrate(db, migrations, { path });
    return db;
  } catch (error) {
    db.close();
    throw storeError(error, path);
  }
}

/** Version of the schema of a file that may not be there: 0 then, or when it holds nothing yet. */
export function storedVersion(path: string): number {
  return (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0 ? 0 : peekVersion(path);
}

/** 0 when a read-only connection can't tell; opening it for writing then says what is wrong, or puts it right. */
function peekVersion(path: string): number {
  let db: Database | null = null;
  try {
    db = openDatabase(path, { readonly: true });
    return schemaVersion(db);
  } catch {
    return 0;
  } finally {
    db?.close();
  }
}
