/**
 * Guards G1–G3, G6 and the switch, for one problem on one node: may a repair start now, and if not, what holds it until
 * when. Pure: the caller brings what is stored. Limits never mean "stopped watching": checking goes on.
 */
import { formatDuration } from "cortex";
import type { GuardState, HoldReason, TimeMark } from "./problem.ts";
import { dueAt, elapsed } from "./time-mark.ts";

export interface Attempt {
  startedAt: TimeMark;
  outcome: "running" | "success" | "failure" | "interrupted";
  endedAt: number | null;
}

export interface GuardLimits {
  attempts: number;
  windowMs: number;
  waitsMs: readonly number[];
  breakerMs: number;
  cooldownMs: number;
  healedCount: number;
  healedWindowMs: number;
  bootGuardMs: number;
  maxPerHour: number;
}

export interface GuardInput {
  now: TimeMark;
  limits: GuardLimits;
  /** Attempts about this target within the longest window that matters, oldest first. */
  attempts: readonly Attempt[];
  breakerUntil: number | null;
  repairsOn: boolean;
  maintenance: { until: number; reason: string } | null;
  /** Monotonic age of this boot. */
  uptimeMs: number;
  /** Supervised processes are exempt from the boot guard. */
  supervised: boolean;
  /** Who holds a package manager's or a deploy's lock; null when nobody does. */
  lockHolder: string | null;
  flapping: boolean;
  /** Summary of the open parent problem; null when there is none. */
  parent: string | null;
  /** Another intent for this owner is under way. */
  inFlight: boolean;
  /** Repairs of this node within the last hour, all targets. */
  nodeRepairsLastHour: number;
}

export interface GuardVerdict {
  allowed: boolean;
  state: GuardState;
  /** Number of the attempt that would start now: 1, 2, 3 … */
  nextAttempt: number;
  /** All attempts are used and the breaker is not open yet: the caller opens it and raises the level. */
  exhausted: boolean;
}

type Hold = { reason: HoldReason; text: string; until: number | null } | null;

export function evaluateGuards(input: GuardInput): GuardVerdict {
  const { now, limits, attempts } = input;
  const within = (attempt: Attempt, ms: number) => elapsed(attempt.startedAt, now) < ms;
  const used = attempts.filter((attempt) => within(attempt, limits.windowMs));
  const chain = chainLength(used, now, limits.cooldownMs);
  const successes = attempts.filter(
    (attempt) => attempt.outcome === "success" && within(attempt, limits.healedWindowMs),
  ).length;
  const lastSuccess = attempts.findLast((attempt) => attempt.outcome === "success");
  const breakerOpen = input.breakerUntil !== null && input.breakerUntil > now.wall;
  const exhausted = used.length >= limits.attempts;
  const nextAttemptAt = waitEnd(used, chain, now, limits.waitsMs);

  const hold = firstHold(input, { breakerOpen, exhausted, used, nextAttemptAt });
  const cooldownEnd = lastSuccess?.endedAt == null ? null : lastSuccess.endedAt + limits.cooldownMs;
  return {
    allowed: hold === null,
    exhausted: exhausted && !breakerOpen,
    nextAttempt: chain + 1,
    state: {
      attemptsUsed: used.length,
      attemptsMax: limits.attempts,
      attemptsResetAt: used[0] === undefined ? null : dueAt(used[0].startedAt, limits.windowMs, now),
      breakerUntil: breakerOpen ? input.breakerUntil : null,
      cooldownUntil: cooldownEnd !== null && cooldownEnd > now.wall ? cooldownEnd : null,
      nextAttemptAt,
      successesToday: successes,
      hold: hold?.reason ?? null,
      holdText: hold?.text ?? null,
    },
  };
}

function firstHold(
  input: GuardInput,
  derived: {
    breakerOpen: boolean;
    exhausted: boolean;
    used: readonly Attempt[];
    nextAttemptAt: number | null;
  },
): Hold {
  const { now, limits } = input;
  if (!input.repairsOn) return hold("switch_off", "repairs are switched off on this node");
  if (input.maintenance !== null)
    return hold("maintenance", `maintenance: ${input.maintenance.reason}`, input.maintenance.until);
  if (input.inFlight) return hold("in_flight", "another repair of the same owner is under way");
  if (input.parent !== null) return hold("because_of_parent", `because of: ${input.parent}`);
  if (input.flapping) return hold("flapping", "the target is flapping; nothing is repaired until it settles");
  if (derived.breakerOpen)
    return hold(
      "breaker_open",
      "all attempts failed; the breaker is open, checking goes on",
      input.breakerUntil,
    );
  if (derived.exhausted)
    return hold("breaker_open", `${derived.used.length} of ${limits.attempts} attempts are used`);
  const bootLeft = limits.bootGuardMs - input.uptimeMs;
  if (bootLeft > 0 && !input.supervised)
    return hold(
      "boot_grace",
      `the host booted lately; repairs start in ${formatDuration(bootLeft)}`,
      now.wall + bootLeft,
    );
  if (input.lockHolder !== null) return hold("lock_held", `${input.lockHolder} is at work; waiting for it`);
  if (input.nodeRepairsLastHour >= limits.maxPerHour)
    return hold(
      "fleet_budget",
      `${input.nodeRepairsLastHour} repairs on this node within an hour, ${limits.maxPerHour} are allowed`,
    );
  if (derived.nextAttemptAt !== null && derived.nextAttemptAt > now.wall)
    return hold(
      "attempt_wait",
      `next attempt in ${formatDuration(derived.nextAttemptAt - now.wall)}`,
      derived.nextAttemptAt,
    );
  return null;
}

const hold = (reason: HoldReason, text: string, until: number | null = null) => ({ reason, text, until });

/**
 * How many attempts belong to the present trouble: failures, and successes that did not outlive the cool-down. A success
 * that held longer starts the count anew, although it still counts against the attempts per hour.
 */
function chainLength(used: readonly Attempt[], now: TimeMark, cooldownMs: number): number {
  let chain = 0;
  let nextStart = now.wall;
  for (const attempt of used.toReversed()) {
    const heldMs = attempt.endedAt === null ? 0 : nextStart - attempt.endedAt;
    if (attempt.outcome === "success" && heldMs > cooldownMs) break;
    chain += 1;
    nextStart = attempt.startedAt.wall;
  }
  return chain;
}

/** Wall time of the earliest next attempt; null when it may start at once. Waits count from the end of the last attempt. */
function waitEnd(
  used: readonly Attempt[],
  chain: number,
  now: TimeMark,
  waitsMs: readonly number[],
): number | null {
  const wait = waitsMs[Math.min(chain, waitsMs.length - 1)] ?? 0;
  const last = used.at(-1);
  if (wait === 0 || chain === 0 || last === undefined) return null;
  const sinceStart = elapsed(last.startedAt, now);
  const ran = last.endedAt === null ? 0 : Math.max(0, last.endedAt - last.startedAt.wall);
  const left = wait - Math.max(0, sinceStart - ran);
  return left > 0 ? now.wall + left : null;
}
