/**
 * How long ago each repair of the fleet began, on the clock that does not jump: noticed here when its node told of it. What is over
 * by the time it is told, and what was there before this program started, is taken at its own word, by the wall clock as it was then.
 */
import type { Clock } from "cortex";
import type { IntentBody } from "../wire/intent.ts";

export const ACTIVE_STATES: readonly string[] = ["executing", "verifying", "unknown"];

/** It began: it runs, or says what came of a step. */
export const hasActed = ({ outcome, state }: Pick<IntentBody, "outcome" | "state">): boolean =>
  outcome.length > 0 || ACTIVE_STATES.includes(state);

export interface RecentActs {
  noticed(node: string, intent: IntentBody): void;
  /** Milliseconds since it began. */
  age(intent: Pick<IntentBody, "id" | "createdAt">): number;
  /** Those that were noticed within this time; older ones are forgotten. */
  within(ms: number): { id: string; node: string }[];
}

export function createRecentActs(clock: Pick<Clock, "now" | "monotonic">): RecentActs {
  const origin = clock.now() - clock.monotonic();
  const begun = new Map<string, { node: string; at: number }>();
  const byItsWord = (createdAt: string) => Math.max(0, origin + clock.monotonic() - Date.parse(createdAt));
  return {
    noticed(node, intent) {
      if (intent.kind !== "repair" || !hasActed(intent) || begun.has(intent.id)) return;
      const ago = ACTIVE_STATES.includes(intent.state) ? 0 : byItsWord(intent.createdAt);
      begun.set(intent.id, { node, at: clock.monotonic() - ago });
    },
    age({ id, createdAt }) {
      const known = begun.get(id);
      return known === undefined ? byItsWord(createdAt) : clock.monotonic() - known.at;
    },
    within(ms) {
      for (const [id, { at }] of begun) if (clock.monotonic() - at >= ms) begun.delete(id);
      return [...begun].map(([id, { node }]) => ({ id, node }));
    },
  };
}
