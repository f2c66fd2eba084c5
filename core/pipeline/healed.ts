/** "Healed too often": what had to be repaired again and again is a problem of its own, with all evidence bundles. */
import { formatDuration, type Result } from "cortex";
import type { Config } from "../config/schema.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";

/** The engine's own check: no plugin stands behind it. */
export const HEALED_CHECK = "healed_too_often";

/** One result per target that was repaired within the window; bad from `policy.healed_count` on. */
export function healedTooOften(store: AgentStore, config: Config, now: number): Result[] {
  const { healed_count: limit, healed_window: windowMs } = config.policy;
  const verified = store.intents
    .find({ kind: ["repair"], state: ["verified"], since: now - windowMs, limit: 1000 })
    .filter((intent) => intent.check !== null && intent.target !== null);
  const byTarget = Map.groupBy(verified, (intent) => `${intent.check}:${intent.target}`);
  return [...byTarget].map(([target, intents]) => {
    const often = intents.length >= limit;
    const summary = `${target} was repaired ${intents.length} times within ${formatDuration(windowMs)}`;
    return {
      target,
      status: often ? "warning" : "ok",
      summary: often ? `${summary}: find the cause` : summary,
      type: "repair.healed_too_often",
      labels: {
        evidence: intents
          .flatMap((intent) => intent.evidenceIds)
          .join(" ")
          .slice(0, 900),
      },
      data: { intents: intents.map((intent) => intent.id) },
    };
  });
}
