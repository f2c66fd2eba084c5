/** "Healed too often": what had to be repaired again and again is a problem of its own, with all evidence bundles. */
import { formatDuration, type Result } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { TimeMark } from "../../domain/problem.ts";
import type { AgentStore, AttemptRow } from "../../store/agent/agent-store.ts";

/** The engine's own check: no plugin stands behind it. */
export const HEALED_CHECK = "healed_too_often";

/** One result per target that was repaired within the window; bad from `policy.healed_count` on. */
export function healedTooOften(store: AgentStore, config: Config, now: TimeMark): Result[] {
  const { healed_count: limit, healed_window: windowMs } = config.policy;
  const successes = store.attempts.successesWithin(now, windowMs);
  const byTarget = Map.groupBy(successes, (attempt) => `${attempt.check}:${attempt.target}`);
  return [...byTarget].map(([target, attempts]) => {
    const often = attempts.length >= limit;
    const summary = `${target} was repaired ${attempts.length} times within ${formatDuration(windowMs)}`;
    return {
      target,
      status: often ? "warning" : "ok",
      summary: often ? `${summary}: find the cause` : summary,
      type: "repair.healed_too_often",
      labels: { evidence: often ? evidenceOf(store, attempts) : "" },
      data: { intents: attempts.map((attempt) => attempt.intentId) },
    };
  });
}

/** Ids of all bundles, as many as a label holds. */
const evidenceOf = (store: AgentStore, attempts: readonly AttemptRow[]): string =>
  attempts
    .flatMap((attempt) => store.intents.get(attempt.intentId)?.evidenceIds ?? [])
    .join(" ")
    .slice(0, 900);
