/** What the guards count: attempts, breakers and repairs of the last hour, read from the store and judged in one place. */
import type { Config } from "../config/schema.ts";
import { type Attempt, evaluateGuards, type GuardLimits, type GuardVerdict } from "../domain/guards.ts";
import { activeWindow } from "../domain/maintenance.ts";
import type { ProblemRecord, TimeMark } from "../domain/problem.ts";
import type { AgentStore, AttemptRow } from "../store/agent/agent-store.ts";

export interface GuardQuestion {
  problem: ProblemRecord;
  now: TimeMark;
  uptimeMs: number;
  supervised: boolean;
  lockHolder: string | null;
  parent: string | null;
  inFlight: boolean;
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

export function judgeGuards(store: AgentStore, config: Config, question: GuardQuestion): GuardVerdict {
  const { problem, now } = question;
  const longest = Math.max(config.breaker.window, config.policy.healed_window);
  const breaker = store.breakers.get(problem.fingerprint);
  const window = activeWindow(store.maintenance.all(), problem.check, problem.target, now.wall);
  return evaluateGuards({
    now,
    limits: limitsOf(config, question),
    attempts: store.attempts.since(problem.fingerprint, now.wall - longest).map(toAttempt),
    breakerUntil: breaker?.until ?? null,
    repairsOn: readSwitch(store).repairs,
    maintenance: window,
    uptimeMs: question.uptimeMs,
    supervised: question.supervised,
    lockHolder: question.lockHolder,
    flapping: problem.flapping,
    parent: question.parent,
    inFlight: question.inFlight,
    nodeRepairsLastHour: repairsLastHour(store, now.wall),
  });
}

function repairsLastHour(store: AgentStore, now: number): number {
  return store.intents
    .find({ kind: ["repair"], since: now - 3_600_000, limit: 500 })
    .filter((intent) => ["executing", "verifying", "verified", "failed", "undone"].includes(intent.state))
    .length;
}
