/** Retention of agent.db. Intents and the ledger are never pruned: they are the record. */
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";
import { thinReports } from "./spool.repository.ts";

export function createPrune(
  connection: Connection,
  newId: () => string,
  now: () => number,
): AgentStore["prune"] {
  return (limits) => {
    // In steps of their own: on a disk that is nearly full, what was freed by one helps the next.
    const removed = {
      inspections: connection.run("DELETE FROM inspections WHERE started_at < ?", limits.inspectionsBefore),
      problems: connection.run(
        "DELETE FROM problems WHERE state = 'resolved' AND resolved_at < ?",
        limits.problemsBefore,
      ),
      attempts: connection.run(
        "DELETE FROM attempts WHERE outcome <> 'running' AND started_at < ?",
        limits.problemsBefore,
      ),
      maintenance: connection.run("DELETE FROM maintenance WHERE ends_at < ?", limits.problemsBefore),
      evidence: connection.run(
        `DELETE FROM evidence WHERE taken_at < ?
         AND NOT EXISTS (SELECT 1 FROM problems WHERE problems.id = evidence.problem_id AND problems.state = 'open')`,
        limits.evidenceBefore,
      ),
    };
    return { ...removed, spool: thinReports(connection, limits.maxSpoolRows, newId, now) };
  };
}
