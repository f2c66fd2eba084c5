/** Copies of a live database by `VACUUM INTO`. */
import type { Database } from "bun:sqlite";
import { closeSync, openSync, rmSync } from "node:fs";
import { messageOf } from "cortex";
import { backupErrors } from "../../domain/backup.ts";
import { syncPath } from "../durable.ts";
import { storeError } from "../errors.ts";

/**
 * Copy `db` to the new file `path` (0600), durably; what could not be finished is removed. Blocks the thread for about 2 ms
 * per MB, so a daemon does it in a Worker with a connection of its own. Errors: `store.full`, `store.readonly`, `store.io`,
 * `backup.failed`.
 */
export function snapshot(db: Database, path: string): void {
  try {
    // SQLite would create the file with mode 0644; it accepts an empty one that is there already.
    closeSync(openSync(path, "wx", 0o600));
    db.query("VACUUM INTO ?").run(path);
    syncPath(path);
  } catch (error) {
    for (const rest of [path, `${path}-journal`]) rmSync(rest, { force: true });
    const mapped = storeError(error, path);
    if (mapped !== error) throw mapped;
    throw backupErrors.failed(`${path} could not be written (${messageOf(error)}); check the folder`, {
      cause: error,
    });
  }
}
