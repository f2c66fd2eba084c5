/**
 * Judges: models that look at a proposed repair before or instead of a person. A judge gets typed facts and quoted text, has
 * no tool that acts, and can only make things more careful than the rules before it.
 */
import type { Effect } from "./effect.ts";
import type { PlannedChange, RepairClass } from "./repair.ts";

/** Measured by the node's program, or told by the platform. */
export interface JudgeFact {
  id: string;
  trust: "agent" | "platform";
  name: string;
  value: string | number | boolean;
}

/** What anybody could have written: a log line, a name, an annotation. Never an instruction. */
export interface JudgeQuote {
  id: string;
  trust: "untrusted";
  /** Where it came from: `summary`, `log`, `label`. */
  source: string;
  /** Its shape without its content: "nginx: * failed (code *)". */
  template: string;
  /** Characters before it was cut. */
  length: number;
  /** Cut to a few hundred characters, control characters removed; empty in the clean run of a twin. */
  text: string;
}

export interface JudgeRequest {
  intent: {
    id: string;
    repair: string;
    class: RepairClass;
    target: string;
    changes: readonly PlannedChange[];
    effects: readonly Effect[];
    undo: boolean;
    attempt: number;
    attemptsMax: number;
  };
  problem: { type: string; severity: string; openForSeconds: number };
  node: { group: string | null; groupSize: number; healthyInGroup: number; tags: readonly string[] };
  facts: readonly JudgeFact[];
  quotes: readonly JudgeQuote[];
  /** How people decided about the same repair before. */
  precedents: readonly { verdict: "approved" | "rejected"; reason: string; outcome: string }[];
}

export const JUDGE_REASONS = ["ok", "judge_doubts", "judge_denies", "evidence_missing"] as const;
export type JudgeReason = (typeof JUDGE_REASONS)[number];

export interface JudgeAnswer {
  verdict: "allow" | "human" | "deny";
  reason: JudgeReason;
  missingEvidence: string[];
  /** 0 to 1. */
  confidence: number | null;
  /** Plain language, for people. */
  text: string;
  /** The model that answered, as it names itself. */
  model: string;
  requestId: string | null;
  tokensIn: number;
  tokensOut: number;
  costUsd: number;
}

/**
 * A judge. `ask` fails with `decider.refused`, `decider.truncated`, `decider.nonsense`, `decider.timeout`,
 * `decider.unavailable` or `decider.spend_cap`; whatever else goes wrong counts as unavailable. A person is asked then.
 */
export interface Decider {
  /** `claude`, `openai-compatible`: named in every decision. */
  name: string;
  /** Judges are asked in ascending order until one answers. */
  order: number;
  /** Its models run on machines of one's own: what is left when nothing outside can be reached. */
  isOwn?: boolean;
  /** What one question may cost at most, US dollars, for the cap that is checked before it is asked. */
  maxCostUsd: number;
  /** The models that it may ask; each must have passed the evaluation. */
  models(): readonly string[];
  /** What it tells its models in every question. A passed evaluation holds for these words and no others. */
  instructions?: string;
  ask(request: JudgeRequest, signal: AbortSignal): Promise<JudgeAnswer>;
}
