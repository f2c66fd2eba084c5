/** Opening SQLite files the one way Cortex opens them. */
import { Database } from "bun:sqlite";
import { accessSync, chmodSync, closeSync, lstatSync, openSync, constants as fs } from "node:fs";
import { dirname } from "node:path";
import { codeOf, storeError, storeErrors, withStoreErrors } from "./errors.ts";

/** 3.51.3 repairs a race between a checkpoint and a writer that could damage a WAL database. */
const MINIMUM_VERSION = [3, 51, 3] as const;

export interface OpenOptions {
  /** Never creates, never writes; for looking at a file that another process may own. */
  readonly?: boolean;
  /** For files that shed much data: pages freed by deletes can be given back. Takes effect when the file is new. */
  incrementalVacuum?: boolean;
  /** What is deleted is overwritten with zeros, so that it is not found in free pages. Costs writes. */
  secureDelete?: boolean;
}

/**
 * Open (and create, mode 0600) a database. All pragmas are set here, because the defaults of bun:sqlite are journal
 * DELETE, foreign keys off, no busy timeout and trusted schema.
 *
 * Never open or close the same file by other means while the process has it open: closing any descriptor of a file drops
 * all POSIX locks that the process holds on it. That is why an existing file is only looked at with lstat here.
 *
 * Errors: `store.symlink`, `store.full`, `store.readonly`, `store.corrupt`, `store.busy`, `store.io`,
 * `store.sqlite_too_old`.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  return withStoreErrors(path, () => {
    if (path !== ":memory:") prepareFile(path, options.readonly === true);
    const db = new Database(
      path,
      options.readonly === true
        ? { readonly: true, strict: true }
        : { readwrite: true, create: path === ":memory:", strict: true },
    );
    try {
      requireVersion(db);
      setPragmas(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

function prepareFile(path: string, readonly: boolean): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true)
    throw storeErrors.symlink(`${path} is a symbolic link; put the database file itself there`);
  if (stat !== undefined && !stat.isFile())
    throw storeErrors.symlink(`${path} is not a regular file; move it away`);
  if (readonly) return;
  if (stat === undefined) {
    // O_EXCL also refuses a link that appeared since lstat. SQLite gives -wal and -shm the mode of this file.
    closeSync(openSync(path, fs.O_RDWR | fs.O_CREAT | fs.O_EXCL | fs.O_NOFOLLOW, 0o600));
    return;
  }
  // SQLite would fall back to reading only, and then fail in ways that don't name the cause.
  accessSync(path, fs.W_OK);
  accessSync(dirname(path), fs.W_OK);
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function setPragmas(db: Database, options: OpenOptions): void {
  db.run("PRAGMA busy_timeout = 5000");
  db.run("PRAGMA trusted_schema = OFF");
  db.run("PRAGMA cell_size_check = ON");
  db.run("PRAGMA mmap_size = 0");
  db.run("PRAGMA foreign_keys = ON");
  if (options.readonly === true) return;
  if (options.secureDelete === true) db.run("PRAGMA secure_delete = ON");
  if (options.incrementalVacuum === true && !isIncremental(db)) db.run("PRAGMA auto_vacuum = INCREMENTAL");
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA wal_autocheckpoint = 1000");
  db.run("PRAGMA journal_size_limit = 67108864");
}

/** Setting it writes into the file even where it is so already, and opening a file changes nothing. */
function isIncremental(db: Database): boolean {
  return db.query<{ auto_vacuum: number }, []>("PRAGMA auto_vacuum").get()?.auto_vacuum === 2;
}

function requireVersion(db: Database): void {
  const row = db.query<{ version: string }, []>("SELECT sqlite_version() AS version").get();
  const version = row?.version ?? "0";
  const parts = version.split(".").map(Number);
  for (const [index, least] of MINIMUM_VERSION.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw storeErrors.sqlite_too_old(
        `SQLite ${version} is too old, ${MINIMUM_VERSION.join(".")} is needed; use the released binary`,
      );
  }
}

/** Problems that `PRAGMA quick_check` sees; empty when there are none. It does not see a changed byte inside a value. */
export function quickCheck(db: Database): string[] {
  try {
    const rows = db.query<{ quick_check: string }, []>("PRAGMA quick_check(20)").all();
    return rows.map((row) => row.quick_check).filter((line) => line !== "ok");
  } catch (error) {
    if (!codeOf(error).startsWith("SQLITE_CORRUPT") && codeOf(error) !== "SQLITE_NOTADB") throw error;
    return [(error as Error).message];
  }
}

/**
 * Replace a connection that reported an I/O error. What was reported as failed may be stored, and what is in the page
 * cache may not be on the disk: the checkpoint writes the whole log into the database and syncs it again, so that what
 * the caller reads afterwards is durable. Throws when the file can't be read and written again.
 */
export function reopenDatabase(broken: Database | null, path: string, options: OpenOptions = {}): Database {
  try {
    broken?.close();
  } catch {
    // A handle that can't be closed any more is left to the garbage collector.
  }
  const db = openDatabase(path, options);
  try {
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const problems = quickCheck(db);
    if (problems.length > 0)
      throw storeErrors.corrupt(
        `${path} is damaged (${problems[0]}); stop Cortex and restore a backup: cortex backup list`,
      );
    return db;
  } catch (error) {
    db.close();
    throw storeError(error, path);
  }
}

/** Bytes of the database file that hold data, without free pages and without the log. */
export function usedBytes(db: Database): number {
  const value = (pragma: string) =>
    Object.values(db.query<Record<string, number>, []>(pragma).get() ?? {})[0] ?? 0;
  return (value("PRAGMA page_count") - value("PRAGMA freelist_count")) * value("PRAGMA page_size");
}
