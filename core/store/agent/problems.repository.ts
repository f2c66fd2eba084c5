/** Problems of this node, open and resolved. */
import type { ProblemRecord } from "../../domain/problem.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";
import { NAMED, where } from "./where.ts";

interface ProblemRow {
  data: string;
}

const parse = (row: ProblemRow): ProblemRecord => JSON.parse(row.data) as ProblemRecord;

export function createProblems(connection: Connection): AgentStore["problems"] {
  return {
    put: (problem) => {
      connection.run(
        `INSERT OR REPLACE INTO problems (id, fingerprint, state, opened_at, resolved_at, data)
         VALUES (?, ?, ?, ?, ?, ?)`,
        problem.id,
        problem.fingerprint,
        problem.state,
        problem.openedAt,
        problem.resolvedAt,
        JSON.stringify(problem),
      );
    },
    get: (id) => {
      const row = connection.get<ProblemRow>("SELECT data FROM problems WHERE id = ?", id);
      return row === null ? null : parse(row);
    },
    open: () =>
      connection.all<ProblemRow>("SELECT data FROM problems WHERE state = 'open' ORDER BY id").map(parse),
    find: (filter) => {
      const { sql, bindings } = where([
        [NAMED, filter.id],
        ["state = ?", filter.state],
        ["id < ?", filter.before],
      ]);
      return connection
        .all<ProblemRow>(
          `SELECT data FROM problems ${sql} ORDER BY id DESC LIMIT ?`,
          ...bindings,
          filter.limit ?? 100,
        )
        .map(parse);
    },
  };
}
