/**
 * A store that does not keep what it is told: triggers put into the database of a built Monitor or agent while it is down.
 * So a control takes one defence away, and the product needs no switch for it.
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";

/** Nobody stays revoked: rows and keys are as they were before, whatever is written. */
export const FORGETS_REVOCATION = [
  `CREATE TRIGGER spoiled_node AFTER UPDATE OF state ON enrolments WHEN NEW.state = 'revoked' BEGIN
     UPDATE enrolments SET state = OLD.state WHERE node_id = NEW.node_id; END`,
  `CREATE TRIGGER spoiled_key AFTER UPDATE OF state ON node_keys WHEN NEW.state = 'revoked' BEGIN
     UPDATE node_keys SET state = OLD.state WHERE id = NEW.id; END`,
];

/** A key stays good when a newer one is in use. */
export const FORGETS_RETIREMENT = [
  `CREATE TRIGGER spoiled_retirement AFTER UPDATE OF state ON node_keys WHEN NEW.state = 'retired' BEGIN
     UPDATE node_keys SET state = 'current' WHERE id = NEW.id; END`,
];

/** A token is as good as new after each use. */
export const FORGETS_USES = [
  `CREATE TRIGGER spoiled_token AFTER UPDATE OF used ON join_tokens WHEN NEW.used > 0 BEGIN
     UPDATE join_tokens SET used = 0 WHERE id = NEW.id; END`,
];

/** Whoever asks is let in. */
export const LETS_ALL_IN = [
  `CREATE TRIGGER spoiled_newcomer AFTER INSERT ON enrolments WHEN NEW.state = 'pending' BEGIN
     UPDATE enrolments SET state = 'active' WHERE node_id = NEW.node_id; END`,
];

/** A decision stays open, whatever was said about it. */
export const FORGETS_VERDICTS = [
  `CREATE TRIGGER spoiled_decision AFTER UPDATE OF state ON decisions WHEN NEW.state IN ('approved', 'rejected') BEGIN
     UPDATE decisions SET state = 'pending', body = json_set(body, '$.state', 'pending') WHERE id = NEW.id; END`,
];

/** Of what an agent keeps for its Monitor every third message is gone. */
export const FORGETS_MESSAGES = [
  `CREATE TRIGGER spoiled_spool AFTER INSERT ON spool WHEN NEW.seq % 3 = 0 BEGIN
     DELETE FROM spool WHERE seq = NEW.seq; END`,
];

export async function spoilMonitor(monitor: Cortex, triggers: readonly string[]): Promise<void> {
  await monitor.stop();
  spoil(join(monitor.dataDir, "monitor.db"), triggers);
  await monitor.restart();
}

/** Nobody may have it open. */
export function spoil(file: string, triggers: readonly string[]): void {
  const db = new Database(file);
  try {
    for (const sql of triggers) db.run(sql);
  } finally {
    db.close();
  }
}
