/** A confirmed bad state of one target, and the state a check keeps about each target on the way there and back. */
import type { Result, Status } from "cortex";

export type Level = "L1" | "L2" | "L3";
/** `observe` is shown and recorded but never told to anybody. */
export type Severity = "observe" | "info" | "warning" | "critical";

/** What the engine remembers of one (check, target); survives a restart. Times as described at `TimeMark`. */
export interface TargetState {
  check: string;
  instance: string;
  target: string;
  status: Status;
  summary: string;
  /** Since when the raw status has been bad (not ok) without interruption; null while ok. */
  badSince: TimeMark | null;
  /** Since when it has been ok while a problem is open; null otherwise. */
  okSince: TimeMark | null;
  /** Open problem of this target. */
  problemId: string | null;
  /** Last 20 raw changes, oldest first: true where the result differed from the one before. */
  changes: boolean[];
  flapping: boolean;
  /** How often the problem opened again lately; lengthens the clearing back-off (× 1.5 each). */
  backoffSteps: number;
  /** Wall ms of the last result. */
  lastAt: number;
}

/**
 * A point in time that survives clock steps and restarts: wall ms for showing, boot id and monotonic ms for measuring.
 * After a reboot only the wall difference is left, and it is never taken as negative.
 */
export interface TimeMark {
  wall: number;
  bootId: string;
  mono: number;
}

/** What the guards have used up for a problem; shown with it ("2 of 3 attempts used, resets 14:20"). */
export interface GuardState {
  attemptsUsed: number;
  attemptsMax: number;
  /** Wall ms at which the oldest attempt stops counting; null when none was used. */
  attemptsResetAt: number | null;
  /** Breaker open until (wall ms); null when closed. */
  breakerUntil: number | null;
  /** Cool-down until (wall ms); null when none runs. */
  cooldownUntil: number | null;
  /** Earliest next attempt (wall ms); null when at once. */
  nextAttemptAt: number | null;
  successesToday: number;
  /** Why nothing is being repaired right now, from the closed set of `HoldReason`; null when nothing holds. */
  hold: HoldReason | null;
  /** One sentence for people: what holds and when it ends. */
  holdText: string | null;
}

/** Of a problem that nothing was tried for. */
export const noGuards = (attemptsMax: number) =>
  ({
    attemptsUsed: 0,
    attemptsMax,
    attemptsResetAt: null,
    breakerUntil: null,
    cooldownUntil: null,
    nextAttemptAt: null,
    successesToday: 0,
    hold: null,
    holdText: null,
  }) satisfies GuardState;

/** Closed set: why a repair waits or will not happen. */
export type HoldReason =
  | "switch_off"
  | "maintenance"
  | "boot_grace"
  | "lock_held"
  | "flapping"
  | "because_of_parent"
  | "attempt_wait"
  | "breaker_open"
  | "cooldown"
  | "config_test_failed"
  | "precondition_failed"
  | "fleet_budget"
  | "common_cause"
  | "healed_too_often"
  | "no_repair"
  | "plan_too_small"
  | "autonomy_ask"
  | "autonomy_observe"
  | "rejected"
  | "expired"
  | "shadow"
  | "evidence_failed"
  | "invariant"
  | "in_flight"
  | "target_unknown";

/** Holds that end by themselves soon; anything else that holds an L3 is a person's business. */
export const PASSING_HOLDS: readonly HoldReason[] = [
  "attempt_wait",
  "boot_grace",
  "lock_held",
  "cooldown",
  "in_flight",
  "fleet_budget",
];

export interface ProblemRecord {
  id: string;
  /** sha256(node, check, target), hex. */
  fingerprint: string;
  check: string;
  instance: string;
  target: string;
  /** `service.down`; what repairs remedy. */
  type: string;
  nature: "fact" | "measured";
  state: "open" | "resolved";
  level: Level;
  severity: Severity;
  status: Status;
  summary: string;
  owner: string | null;
  dependsOn: string[];
  tags: string[];
  labels: Record<string, string>;
  /** Id of the open problem that explains this one. */
  becauseOf: string | null;
  flapping: boolean;
  openedAt: number;
  updatedAt: number;
  resolvedAt: number | null;
  /** "returned", "repaired by INTENT", "target gone". */
  resolution: string | null;
  guards: GuardState;
  /** Newest intent about it. */
  intentId: string | null;
  /** Short history: opened, level raised, held, resolved; newest last, at most 50. */
  events: { at: number; kind: string; text: string }[];
  /** The result that failed last. */
  result: Result;
}
