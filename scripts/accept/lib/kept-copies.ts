import { Database } from "bun:sqlite";
import { join } from "node:path";

/** How many values the plugin config-restore keeps sealed in a node's database. */
export function keptCopies(dataDir: string): number {
  const db = new Database(join(dataDir, "agent.db"), { readonly: true });
  try {
    const sql = "SELECT count(*) AS count FROM plugin_secrets WHERE scope LIKE 'config-restore~%'";
    return db.query<{ count: number }, []>(sql).get()!.count;
  } finally {
    db.close();
  }
}
