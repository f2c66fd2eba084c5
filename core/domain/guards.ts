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
  /** Summary of an intent for this owner of which nobody can tell what became; null when there is none. */
  unsettled: string | null;
  /** Why nobody knows how the target is right now (no answer, check paused or gone); null when it was just seen. */
  unseen: string | null;
  /** Repairs of this node within the last hour, all targets. */
  nodeRepairsLastHour: number;
}

export interface GuardVerdict {
  allowed: boolean;
  state: GuardState;
  /** Number of the attempt that would start now: 1, 2, 3 … */
  nextAttempt: number;
  /** Wall ms at which what holds it ends by itself; null when nothing does or nobody knows. */
  until: number | null;
  /** All attempts are used and the breaker is not open yet: the caller opens it and raises the level. */
  exhausted: boolean;
}

type Hold = { reason: HoldReason; text: string; until: number | null } | null;

export function evaluateGuards(input: GuardInput): GuardVerdict {
  const { now, limits } = input;
  // By their age, not by the wall clock, which may have been set back between two of them.
  const attempts = input.attempts.toSorted((a, b) => elapsed(b.startedAt, now) - elapsed(a.startedAt, now));
  const within = (attempt: Attempt, ms: number) => elapsed(attempt.startedAt, now) < ms;
  const used = attempts.filter((attempt) => within(attempt, limits.windowMs));
  const chain = chainLength(used, now, limits.cooldownMs);
  const successes = attempts.filter(
    (attempt) => attempt.outcome === "success" && within(attempt, limits.healedWindowMs),
  ).length;
  const lastSuccess = attempts.findLast((attempt) => attempt.outcome === "success");
  const coolLeft = lastSuccess === undefined ? 0 : limits.cooldownMs - sinceEnd(lastSuccess, now);
  const breakerOpen = input.breakerUntil !== null && input.breakerUntil > now.wall;
  const exhausted = used.length >= limits.attempts;
  const nextAttemptAt = waitEnd(used, chain, now, limits.waitsMs);

  const hold = firstHold(input, { breakerOpen, exhausted, used, nextAttemptAt });
  return {
    allowed: hold === null,
    exhausted: exhausted && !breakerOpen,
    nextAttempt: chain + 1,
    until: hold?.until ?? null,
    state: {
      attemptsUsed: used.length,
      attemptsMax: limits.attempts,
      attemptsResetAt: used[0] === undefined ? null : dueAt(used[0].startedAt, limits.windowMs, now),
      breakerUntil: breakerOpen ? input.breakerUntil : null,
      cooldownUntil: coolLeft > 0 ? now.wall + coolLeft : null,
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
  if (input.unsettled !== null)
    return hold("in_flight", `what became of "${input.unsettled}" can't be told; a person has to look`);
  if (input.inFlight) return hold("in_flight", "another repair of the same owner is under way");
  if (input.unseen !== null) return hold("target_unknown", input.unseen);
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

/** Milliseconds from the end of an attempt to `then`; its own length is all that the wall clock may distort. */
function sinceEnd(attempt: Attempt, then: TimeMark): number {
  if (attempt.endedAt === null) return 0;
  const ran = Math.max(0, attempt.endedAt - attempt.startedAt.wall);
  return Math.max(0, elapsed(attempt.startedAt, then) - ran);
}

/**
 * How many attempts belong to the present trouble: failures, and successes that did not outlive the cool-down. A success
 * that held longer starts the count anew, although it still counts against the attempts per hour.
 */
function chainLength(used: readonly Attempt[], now: TimeMark, cooldownMs: number): number {
  let chain = 0;
  let next = now;
  for (const attempt of used.toReversed()) {
    if (attempt.outcome === "success" && sinceEnd(attempt, next) > cooldownMs) break;
    chain += 1;
    next = attempt.startedAt;
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
  const left = wait - sinceEnd(last, now);
  return left > 0 ? now.wall + left : null;
}
