/** What the guards count: attempts, breakers and repairs of the last hour, read from the store and judged in one place. */
import type { Config } from "../../config/schema.ts";
import { type Attempt, evaluateGuards, type GuardLimits, type GuardVerdict } from "../../domain/guards.ts";
import { activeWindow } from "../../domain/maintenance.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import type { AgentStore, AttemptRow } from "../../store/agent/agent-store.ts";
import { createCounts } from "./retries.ts";

export interface GuardQuestion {
  problem: ProblemRecord;
  now: TimeMark;
  uptimeMs: number;
  supervised: boolean;
  lockHolder: string | null;
  parent: string | null;
  inFlight: boolean;
  unsettled: string | null;
  unseen: string | null;
  /** Of the repair itself; narrower than the configuration, never wider. */
  maxAttempts?: number | undefined;
  cooldownMs?: number | undefined;
}

export interface MasterSwitch {
  repairs: boolean;
  reason: string;
  actor: string;
  at: number;
}

export const SWITCH_KEY = "switch";

export const readSwitch = (store: AgentStore): MasterSwitch =>
  store.meta.get<MasterSwitch>(SWITCH_KEY) ?? {
    repairs: true,
    reason: "never switched",
    actor: "default",
    at: 0,
  };

function limitsOf(config: Config, question: GuardQuestion): GuardLimits {
  const { breaker, policy } = config;
  return {
    attempts: Math.min(breaker.attempts, question.maxAttempts ?? breaker.attempts),
    windowMs: breaker.window,
    waitsMs: breaker.waits,
    breakerMs: breaker.open,
    cooldownMs: question.cooldownMs ?? policy.cooldown,
    healedCount: policy.healed_count,
    healedWindowMs: policy.healed_window,
    bootGuardMs: policy.boot_guard,
    maxPerHour: policy.max_per_hour,
  };
}

const toAttempt = (row: AttemptRow): Attempt => ({
  startedAt: { wall: row.startedAt, mono: row.monoMs, bootId: row.bootId },
  outcome: row.outcome,
  endedAt: row.endedAt,
});

const HOUR_MS = 3_600_000;

export function judgeGuards(store: AgentStore, config: Config, question: GuardQuestion): GuardVerdict {
  const { problem, now } = question;
  const { maxAttempts: _, cooldownMs: __, problem: ___, ...asked } = question;
  const counts = createCounts(store, problem.fingerprint, now);
  return evaluateGuards({
    ...asked,
    limits: limitsOf(config, question),
    // All that are kept: the guards themselves decide by monotonic time which of them still count.
    attempts: store.attempts
      .since(problem.fingerprint, 0)
      .map(toAttempt)
      .filter(({ outcome, startedAt }) => outcome === "success" || counts(startedAt)),
    breakerUntil: breakerEnd(store, problem.fingerprint, now),
    repairsOn: readSwitch(store).repairs,
    maintenance: activeWindow(store.maintenance.all(), problem.check, problem.target, now.wall),
    flapping: problem.flapping,
    nodeRepairsLastHour: store.attempts.countWithin(now, HOUR_MS),
  });
}

function breakerEnd(store: AgentStore, fingerprint: string, now: TimeMark): number | null {
  const breaker = store.breakers.get(fingerprint);
  if (breaker === null) return null;
  const left = breaker.until - breaker.opened.wall - elapsed(breaker.opened, now);
  return left > 0 ? now.wall + left : null;
}

/**
 * When an attempt ends now, on the wall clock it began by: how long it ran is what the guards read from it, and a clock that was set
 * meanwhile must neither end a cool-down nor prolong it.
 */
export const endOf = ({ startedAt, bootId, monoMs }: AttemptRow, now: TimeMark): number =>
  // The monotonic clock of a real machine counts parts of milliseconds.
  Math.round(startedAt + elapsed({ wall: startedAt, mono: monoMs, bootId }, now));

/** The attempt that belongs to an intent gets its end; called in the transaction that moves the intent. */
export function settleAttempt(
  store: AgentStore,
  intent: { id: string; problemId: string | null },
  outcome: AttemptRow["outcome"],
  now: TimeMark,
): void {
  const problem = intent.problemId === null ? null : store.problems.get(intent.problemId);
  const known = problem === null ? store.attempts.running() : store.attempts.since(problem.fingerprint, 0);
  const attempt = known.find((row) => row.intentId === intent.id);
  if (attempt !== undefined)
    store.attempts.put({ ...attempt, outcome, endedAt: attempt.endedAt ?? endOf(attempt, now) });
}
