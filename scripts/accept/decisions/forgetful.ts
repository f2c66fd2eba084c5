/** A machine that remembers neither that it used an approval nor what became of the intent. For controls; nothing may run. */
import { Database } from "bun:sqlite";
import { join } from "node:path";

export function forgetApproval(dataDir: string, intent: string): void {
  const db = new Database(join(dataDir, "agent.db"));
  try {
    db.run("DELETE FROM approvals");
    db.run(
      "UPDATE intents SET state = 'proposed', data = json_set(data, '$.state', 'proposed', '$.outcome', json('[]')) WHERE id = ?",
      [intent],
    );
  } finally {
    db.close();
  }
}
