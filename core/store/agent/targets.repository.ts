/** What the engine remembers of each target. */
import type { TargetState } from "../../domain/problem.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";

export function createTargets(connection: Connection): AgentStore["targets"] {
  return {
    all: () =>
      connection
        .all<{ data: string }>("SELECT data FROM targets ORDER BY check_name, instance, target")
        .map((row) => JSON.parse(row.data) as TargetState),
    put: (state) => {
      connection.run(
        "INSERT OR REPLACE INTO targets (check_name, instance, target, data) VALUES (?, ?, ?, ?)",
        state.check,
        state.instance,
        state.target,
        JSON.stringify(state),
      );
    },
    remove: (check, instance, target) => {
      connection.run(
        "DELETE FROM targets WHERE check_name = ? AND instance = ? AND target = ?",
        check,
        instance,
        target,
      );
    },
  };
}
