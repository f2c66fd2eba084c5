/** One database connection with prepared statements, nested transactions and recovery after an I/O error. */
import type { Database, SQLQueryBindings, Statement } from "bun:sqlite";
import { needsReopen, storeError, storeErrors } from "./errors.ts";
import { type Migration, openMigrated } from "./migrate.ts";
import { type OpenOptions, reopenDatabase } from "./sqlite.ts";

export type Binding = SQLQueryBindings;

/**
 * All calls are synchronous and durable when they return, or durable together at the end of `transaction`.
 *
 * After an I/O error the call throws `store.io` and the connection is closed; the next call opens the file again. What
 * failed may be stored all the same, so callers keep nothing in memory that they have not read back.
 */
export interface Connection {
  readonly path: string;
  get<T>(sql: string, ...bindings: Binding[]): T | null;
  all<T>(sql: string, ...bindings: Binding[]): T[];
  /** Rows as arrays in column order; for drizzle. */
  values(sql: string, ...bindings: Binding[]): unknown[][];
  /** Number of rows changed. */
  run(sql: string, ...bindings: Binding[]): number;
  /**
   * Run `work` in one transaction (BEGIN IMMEDIATE); inside another it becomes a savepoint, so that a caught error undoes
   * the inner part only. It begins with the first statement, so one that finds nothing to do costs nothing. `work` must be
   * synchronous.
   */
  transaction<T>(work: () => T): T;
  /** Run after the outermost transaction is durable; at once outside of one; never when it is rolled back. */
  afterCommit(run: () => void): void;
  /** The live handle, for what needs the database itself; not to be kept. */
  handle(): Database;
  close(): void;
}

export type ConnectionOptions = Omit<OpenOptions, "readonly">;

export function openConnection(
  path: string,
  migrations: readonly Migration[],
  options: ConnectionOptions = {},
): Connection {
  let db: Database | null = openMigrated(path, migrations, options);
  let closed = false;
  /** Transactions that the callers are in, and how many of them SQLite has been told of. */
  let depth = 0;
  let begun = 0;
  let committed: (() => void)[] = [];
  const statements = new Map<string, Statement>();

  const discard = () => {
    for (const statement of statements.values()) statement.finalize();
    statements.clear();
  };

  const live = (): Database => {
    if (closed) throw storeErrors.closed(`${path} is closed: Cortex is stopping`);
    if (db !== null) return db;
    if (depth > 0)
      throw storeErrors.io(`${path}: an earlier step of this transaction failed; run all of it again`);
    db = reopenDatabase(null, path, options);
    return db;
  };

  const guarded = <T>(work: (live: Database) => T): T => {
    const handle = live();
    try {
      while (begun < depth) {
        prepared(handle, begun === 0 ? "BEGIN IMMEDIATE" : `SAVEPOINT s${begun}`).run();
        begun += 1;
      }
      return work(handle);
    } catch (error) {
      const mapped = storeError(error, path);
      if (needsReopen(mapped) && path !== ":memory:") {
        discard();
        db = null;
        try {
          handle.close();
        } catch {
          // Nothing more can be done with this handle; the next call opens a new one.
        }
      }
      throw mapped;
    }
  };

  const prepared = (handle: Database, sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = handle.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };

  const undo = (sql: string) => {
    if (db === null || !db.inTransaction) return;
    try {
      db.run(sql);
    } catch {
      // SQLite may have rolled back by itself; the first error is the one to report.
    }
  };

  const end = (sql: string, level: number) => {
    if (begun <= level) return;
    guarded((handle) => prepared(handle, sql).run());
    begun = level;
  };

  const inner = <T>(work: () => T): T => {
    const level = depth;
    const before = committed.length;
    depth += 1;
    try {
      const value = refusePromise(work());
      end(`RELEASE s${level}`, level);
      return value;
    } catch (error) {
      committed.length = before;
      if (begun > level) {
        undo(`ROLLBACK TO s${level}`);
        undo(`RELEASE s${level}`);
      }
      throw error;
    } finally {
      depth = level;
      begun = Math.min(begun, level);
    }
  };

  const outer = <T>(work: () => T): T => {
    live();
    depth = 1;
    let value: T;
    try {
      value = refusePromise(work());
      end("COMMIT", 0);
    } catch (error) {
      undo("ROLLBACK");
      committed = [];
      throw error;
    } finally {
      depth = 0;
      begun = 0;
    }
    const hooks = committed;
    committed = [];
    for (const hook of hooks) hook();
    return value;
  };

  return {
    path,
    get: <T>(sql: string, ...bindings: Binding[]) =>
      guarded((handle) => (prepared(handle, sql).get(...bindings) ?? null) as T | null),
    all: <T>(sql: string, ...bindings: Binding[]) =>
      guarded((handle) => prepared(handle, sql).all(...bindings) as T[]),
    values: (sql, ...bindings) =>
      guarded((handle) => prepared(handle, sql).values(...bindings) as unknown[][]),
    run: (sql, ...bindings) => guarded((handle) => prepared(handle, sql).run(...bindings).changes),
    transaction: (work) => (depth > 0 ? inner(work) : outer(work)),
    afterCommit: (run) => {
      if (depth > 0) committed.push(run);
      else run();
    },
    handle: () => guarded((handle) => handle),
    close: () => {
      if (closed) return;
      discard();
      db?.close();
      db = null;
      closed = true;
    },
  };
}

function refusePromise<T>(value: T): T {
  if (value !== null && typeof value === "object" && typeof (value as { then?: unknown }).then === "function")
    throw storeErrors.async_transaction("a transaction can't wait for a promise; do the waiting before it");
  return value;
}
