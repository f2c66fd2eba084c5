/** A decision: one question about one intent, from the moment it is asked until it is answered or nobody did in time. */
import type { RepairClass } from "cortex";
import type { Approval, Approver } from "./approval.ts";
import type { BlastRadius } from "./blast-radius.ts";
import type { Ruling } from "./reasons.ts";

export const DECISION_STATES = ["pending", "approved", "rejected", "expired"] as const;
export type DecisionState = (typeof DECISION_STATES)[number];

/** What a judge model said and what it cost; kept whole, whatever became of it. */
export interface JudgeOpinion {
  decider: string;
  model: string;
  requestId: string | null;
  tokensIn: number;
  tokensOut: number;
  /** US dollars; 0 for models of one's own. */
  costUsd: number;
  durationMs: number;
  /** 0 to 1, as the model says; shown, never relied on. */
  confidence: number | null;
  /** Plain language, for people only. */
  text: string;
  missingEvidence: string[];
  /** sha256 of what was asked, hex. */
  promptHash: string;
}

/** One layer's word, with when and from whom. */
export interface Voice extends Ruling {
  at: number;
  /** `gate`, `rule:ID`, `decider:claude`, `user:anna`. */
  by: string;
  opinion?: JudgeOpinion;
}

export type Delivery =
  /** The node has not been told yet; it is tried again until the approval or the proposal is over. */
  | { state: "due"; text: string }
  | { state: "told"; text: string }
  /** The node did not believe it, with its reason. */
  | { state: "refused"; text: string };

export interface Decision {
  id: string;
  intentId: string;
  node: string;
  state: DecisionState;
  repair: string;
  problemId: string | null;
  class: RepairClass;
  risk: Risk;
  radius: BlastRadius;
  /** Everything that was said, in order; the last one decided. */
  voices: Voice[];
  /** People who approved so far, and how many it takes. */
  approvers: Approver[];
  peopleNeeded: number;
  /** A judge is being asked. */
  judging: boolean;
  approval: Approval | null;
  delivery: Delivery | null;
  /** Approved by everybody it takes, and runs then, epoch ms, unless somebody stops it; null for what does not wait. */
  coolingUntil?: number | null;
  createdAt: number;
  expiresAt: number;
  decidedAt: number | null;
}

export type Risk = "low" | "medium" | "high";

/** `tags`: of the node and the target; what people call precious is never a low risk. */
export function riskOf(repairClass: RepairClass, radius: BlastRadius, tags: readonly string[] = []): Risk {
  if (repairClass === "R3" || repairClass === "R4" || radius.nodes.length > 1 || !radius.reversible)
    return "high";
  const isPrecious = tags.includes("critical") || tags.includes("stateful");
  return radius.interrupts || radius.dependents.length > 0 || isPrecious ? "medium" : "low";
}

/** Two different people for what can't be taken back on data, and for more than one node. */
export function peopleNeeded(repairClass: RepairClass, radius: BlastRadius, wanted: number): number {
  const hard = (repairClass === "R4" && !radius.reversible) || radius.nodes.length > 1;
  return Math.max(hard ? 2 : 1, wanted);
}

/** Data that nobody brings back: it is not run in the moment in which it was approved. */
export const mustCool = ({ class: repairClass, radius }: Pick<Decision, "class" | "radius">): boolean =>
  repairClass === "R4" && !radius.reversible;

export const isCooling = (decision: Decision): decision is Decision & { coolingUntil: number } =>
  decision.state === "pending" && (decision.coolingUntil ?? null) !== null;
