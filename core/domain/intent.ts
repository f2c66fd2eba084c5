/** Intents: recorded wishes to change something, and the states they pass through. */
import type { Plan, RepairClass } from "cortex";
import type { Level, TimeMark } from "./problem.ts";
import { elapsed } from "./time-mark.ts";

export const INTENT_STATES = [
  "proposed",
  "approved",
  "rejected",
  "expired",
  "superseded",
  "executing",
  "verifying",
  "verified",
  "failed",
  "undone",
  "unknown",
] as const;
export type IntentState = (typeof INTENT_STATES)[number];

/** Every allowed step; anything else is a bug and is refused by the store. */
export const INTENT_TRANSITIONS: Record<IntentState, readonly IntentState[]> = {
  proposed: ["approved", "rejected", "expired", "superseded"],
  approved: ["executing", "expired", "superseded", "failed"],
  executing: ["verifying", "failed", "undone", "unknown"],
  verifying: ["verified", "failed", "undone", "unknown"],
  verified: ["failed"],
  failed: ["undone"],
  unknown: ["verified", "failed"],
  rejected: [],
  expired: [],
  superseded: [],
  undone: [],
};

export const isFinal = (state: IntentState): boolean =>
  ["rejected", "expired", "superseded", "verified", "failed", "undone"].includes(state);

export interface IntentDecision {
  /** `policy`, `rules`, `human`, … */
  decider: string;
  verdict: "allow" | "human" | "deny";
  reason: string;
  at: number;
}

/** One row. `kind` other than repair: an entry by a person or program (note, milestone, blocker). */
export interface IntentRecord {
  id: string;
  kind: "repair" | "note" | "milestone" | "blocker";
  state: IntentState;
  level: Level;
  /** One line for lists. */
  summary: string;
  /** Free text of notes; empty for repairs. */
  text: string;
  category: string | null;
  actor: string;
  /** Repairs only below; null otherwise. */
  problemId: string | null;
  check: string | null;
  target: string | null;
  owner: string | null;
  repair: string | null;
  repairVersion: number | null;
  class: RepairClass | null;
  params: unknown;
  plan: Plan | null;
  /** sha256 over canonical JSON of node, repair, version, params, plan and expiry; what an approval binds. */
  hash: string | null;
  attempt: number;
  /** True when it only says what it would do (shadow mode, observe). */
  shadow: boolean;
  decisions: IntentDecision[];
  evidenceIds: string[];
  /** What apply, verify and undo said. */
  outcome: { step: string; ok: boolean; summary: string; at: number; data?: Record<string, unknown> }[];
  createdAt: number;
  updatedAt: number;
  /** When the proposal (or approval) lapses. */
  expiresAt: number | null;
  finishedAt: number | null;
  /** Watched until (wall ms) after verified. */
  watchUntil: number | null;
  /** When the present state began, on the clock that expiry and watch run on. Kept on the node. */
  stepAt?: TimeMark;
  /** Instance of a plugin whose repair it is: it alone is asked to probe and to undo. Kept on the node. */
  from?: { plugin: string; instance: string };
}

/**
 * Whether `until`, fixed when the intent's present state began, has come. Measured on the clock of that moment: a step of
 * the wall clock neither brings it near nor puts it off.
 */
export function isOver(intent: IntentRecord, until: number | null, now: TimeMark): boolean {
  if (until === null) return false;
  const { stepAt } = intent;
  return stepAt === undefined ? until <= now.wall : elapsed(stepAt, now) >= until - stepAt.wall;
}

/** Whether `from → to` is a legal step. */
export const canMove = (from: IntentState, to: IntentState): boolean => INTENT_TRANSITIONS[from].includes(to);
