/** One copy of each database, checked like a stranger's, and what the manifest will say of it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { FileFacts } from "../../domain/backup.ts";
import { openDatabase } from "../sqlite.ts";
import { checkDatabase, type DatabaseName, type LedgerKeys } from "./check-database.ts";
import { hashFile } from "./files.ts";
import { snapshot } from "./snapshot.ts";

export interface CopyJob {
  sources: { name: DatabaseName; path: string }[];
  /** Where the copies go; exists, and is empty. */
  folder: string;
  keys: LedgerKeys;
}

/** Blocks; see `copyInWorker`. Errors: those of `snapshot` and `checkDatabase`. */
export async function copyDatabases(job: CopyJob): Promise<FileFacts[]> {
  const files: FileFacts[] = [];
  for (const { name, path } of job.sources) {
    const target = join(job.folder, name);
    // A connection of its own, which only reads: the live one goes on meanwhile.
    const db = openDatabase(path, { readonly: true });
    try {
      snapshot(db, target);
    } finally {
      db.close();
    }
    const { schema, ledger } = await checkDatabase(target, name, job.keys);
    files.push({ name, ...hashFile(target), schema, ledger });
  }
  return files;
}

export const sizeOf = (job: CopyJob): number =>
  job.sources.reduce((sum, { path }) => sum + statSync(path).size, 0);
