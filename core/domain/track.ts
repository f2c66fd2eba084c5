/**
 * From results to problems: one pure step of the state machine that each (check, target) goes through.
 *
 * A bad state becomes a problem when it lasted its confirm time; a fact's problem ends when the fact returns, a measured
 * value's when it stayed good for the clearing back-off. `unknown` keeps what was known, and becomes a problem of its own
 * only when it lasts.
 */
import type { Result, Status } from "cortex";
import { isFlapping } from "./flapping.ts";
import type { Severity, TargetState, TimeMark } from "./problem.ts";
import { elapsed } from "./time-mark.ts";

export interface TrackRules {
  nature: "fact" | "measured";
  intervalMs: number;
  confirmMs: number;
  /** True while measured values of this check must not open problems (host booted lately). */
  inGrace: boolean;
  /** True while a repair of this target is executing or verifying: the problem ends with it, not before. */
  repairInFlight: boolean;
  clearBackoffMs: number;
  clearFactor: number;
  clearMaxMs: number;
  flap: { window: number; start: number; end: number };
  /** Missed or unknown intervals until `unknown` is a problem. */
  staleAfter: number;
}

export type TrackEvent =
  | { kind: "none" }
  | { kind: "open"; severity: Severity; type: "result" | "unknown" }
  | { kind: "update"; severity: Severity }
  | { kind: "resolve"; reason: string };

export interface TrackStep {
  state: TargetState;
  event: TrackEvent;
  /** Set when flapping began or ended with this result. */
  flapping: "started" | "ended" | null;
  /** Milliseconds until the state would be confirmed or cleared if it stays; null when nothing is pending. */
  pendingMs: number | null;
}

const isBad = (status: Status) => status === "warning" || status === "critical";

export function severityOf(result: Result): Severity {
  if (result.observe) return "observe";
  return result.status === "critical" ? "critical" : "warning";
}

export function track(
  previous: TargetState | null,
  id: TargetId,
  result: Result,
  now: TimeMark,
  rules: TrackRules,
): TrackStep {
  const changed = previous !== null && previous.status !== result.status;
  const changes = [...(previous?.changes ?? []), changed].slice(-rules.flap.window);
  const wasFlapping = previous?.flapping ?? false;
  const flapping = isFlapping(changes, wasFlapping, rules.flap);
  const base: TargetState = {
    ...id,
    status: result.status,
    summary: result.summary,
    badSince: badSince(previous, result, now, rules),
    okSince: null,
    problemId: previous?.problemId ?? null,
    changes,
    flapping,
    backoffSteps: previous?.backoffSteps ?? 0,
    lastAt: now.wall,
  };
  const step =
    base.problemId === null ? closed(base, result, now, rules) : open(base, previous, result, now, rules);
  return { ...step, flapping: flapping === wasFlapping ? null : flapping ? "started" : "ended" };
}

export interface TargetId {
  check: string;
  instance: string;
  target: string;
}

/** Since when this kind of badness lasts: unknown and bad are counted apart. */
function badSince(
  previous: TargetState | null,
  result: Result,
  now: TimeMark,
  rules: TrackRules,
): TimeMark | null {
  if (result.status === "ok") return null;
  if (rules.inGrace && rules.nature === "measured") return null;
  const sameKind =
    previous !== null && isBad(previous.status) === isBad(result.status) && previous.status !== "ok";
  return sameKind && previous.badSince !== null ? previous.badSince : now;
}

function closed(
  state: TargetState,
  result: Result,
  now: TimeMark,
  rules: TrackRules,
): Omit<TrackStep, "flapping"> {
  if (state.badSince === null) return { state, event: { kind: "none" }, pendingMs: null };
  const unknown = !isBad(result.status);
  const needed = result.certain
    ? 0
    : unknown
      ? Math.max(rules.confirmMs, rules.staleAfter * rules.intervalMs)
      : (result.confirmMs ?? rules.confirmMs);
  const left = needed - elapsed(state.badSince, now);
  if (left > 0) return { state, event: { kind: "none" }, pendingMs: left };
  const severity = severityOf(result);
  return { state, event: { kind: "open", severity, type: unknown ? "unknown" : "result" }, pendingMs: null };
}

function open(
  state: TargetState,
  previous: TargetState | null,
  result: Result,
  now: TimeMark,
  rules: TrackRules,
): Omit<TrackStep, "flapping"> {
  if (result.status !== "ok")
    return { state, event: { kind: "update", severity: severityOf(result) }, pendingMs: null };
  const okSince = previous?.okSince ?? now;
  const waiting = { ...state, okSince };
  // A flapping target has one problem, not one with every change; it ends when the target has settled.
  if (rules.repairInFlight || state.flapping)
    return { state: waiting, event: { kind: "none" }, pendingMs: null };
  const needed =
    rules.nature === "fact"
      ? 0
      : Math.min(rules.clearMaxMs, rules.clearBackoffMs * rules.clearFactor ** state.backoffSteps);
  const left = needed - elapsed(okSince, now);
  if (left > 0) return { state: waiting, event: { kind: "none" }, pendingMs: left };
  return { state: waiting, event: { kind: "resolve", reason: "returned" }, pendingMs: null };
}

/** How often it has to be cleared more slowly: a target that changed several times lately clears later each time. */
export const nextBackoff = (previous: TargetState | null, state: TargetState): number =>
  previous !== null && previous.changes.filter(Boolean).length > 1 ? state.backoffSteps + 1 : 0;

/** Whether a restart would lose something that decides; the plain passing of time is no difference. */
export function differs(a: TargetState, b: TargetState): boolean {
  return (
    a.status !== b.status ||
    a.problemId !== b.problemId ||
    a.flapping !== b.flapping ||
    (a.badSince === null) !== (b.badSince === null) ||
    (a.okSince === null) !== (b.okSince === null)
  );
}
