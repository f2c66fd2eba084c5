/** Copies of a live database by `VACUUM INTO`: whole, checked, and named only when they are both. */
import type { Database } from "bun:sqlite";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { messageOf } from "cortex";
import { storeError, storeErrors } from "./errors.ts";
import { openDatabase, quickCheck } from "./sqlite.ts";

/**
 * Copy `db` to `DIR/NAME.db` (0600). A crash leaves only a temporary file, which the next copy of that name removes.
 * Blocks the thread for about 2 ms per MB, so large files are copied by a Worker with a connection of its own.
 * Errors: `store.full`, `store.readonly`, `store.io`, `store.backup_failed`.
 */
export function snapshot(db: Database, dir: string, name: string): string {
  const temporary = join(dir, `.${name}.tmp`);
  const target = join(dir, `${name}.db`);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    rmSync(`${temporary}-journal`, { force: true });
    // SQLite would create the file with mode 0644; it accepts an empty one that is there already.
    closeSync(openSync(temporary, "wx", 0o600));
    db.query("VACUUM INTO ?").run(temporary);
    checkCopy(temporary);
    chmodSync(temporary, 0o600);
    syncPath(temporary);
    renameSync(temporary, target);
    syncPath(dir);
    return target;
  } catch (error) {
    rmSync(temporary, { force: true });
    const mapped = storeError(error, target);
    if (mapped !== error) throw mapped;
    throw storeErrors.backup_failed(
      `no backup could be written to ${target} (${messageOf(error)}); check the folder and try again`,
      { cause: error },
    );
  }
}

function checkCopy(path: string): void {
  const copy = openDatabase(path, { readonly: true });
  try {
    const problems = quickCheck(copy);
    if (problems.length > 0)
      throw storeErrors.corrupt(
        `the copy ${path} is damaged (${problems[0]}): the database itself or the disk is; check both`,
      );
  } finally {
    copy.close();
  }
}

/** Remove all but the newest `keep` backups whose names start with `prefix`; names end in a sortable time. */
export function pruneBackups(dir: string, prefix: string, keep: number): string[] {
  const timeOf = (file: string) => file.slice(file.lastIndexOf("-") + 1);
  const files = readdirSync(dir)
    .filter((file) => file.startsWith(prefix) && file.endsWith(".db"))
    .sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
  const old = files.slice(Math.max(1, keep));
  for (const file of old) rmSync(join(dir, file), { force: true });
  return old;
}

/** Make a file or the entries of a folder durable. Never for a database that is open: see `openDatabase`. */
export function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** 1_762_337_700_123 → "20251105T101500.123Z": sorts by time and is a legal file name everywhere. */
export const timeInName = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]/g, "");
