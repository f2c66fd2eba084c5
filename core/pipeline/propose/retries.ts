/**
 * A person says that a cause is removed, or that a no was a mistake: what counted against another attempt before counts no
 * more. Nothing runs by it; what may run by itself, and what asks, is decided as always.
 */
import type { TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";

const KEY = "retries";
/** Older than anything that is counted. */
const KEPT_MS = 7 * 86_400_000;

type Retries = Record<string, TimeMark>;

const read = (store: AgentStore): Retries => store.meta.get<Retries>(KEY) ?? {};

/** From now on what happened to this target before is forgiven; its breaker is closed. */
export function forgive(store: AgentStore, fingerprint: string, now: TimeMark): void {
  const kept = Object.entries(read(store)).filter(([, mark]) => elapsed(mark, now) < KEPT_MS);
  store.meta.set(KEY, { ...Object.fromEntries(kept), [fingerprint]: now });
  store.breakers.remove(fingerprint);
}

/** Tells whether what happened at `mark` still counts. */
export function createCounts(
  store: AgentStore,
  fingerprint: string,
  now: TimeMark,
): (mark: TimeMark) => boolean {
  const since = read(store)[fingerprint];
  return since === undefined ? () => true : (mark) => elapsed(mark, now) < elapsed(since, now);
}
