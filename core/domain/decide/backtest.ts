/** What a policy would have made of decisions that are long made: a comparison of words with what came of them. */
import type { RepairClass } from "cortex";
import type { IntentState } from "../intent.ts";
import { needsPerson } from "./blast-radius.ts";
import type { DecisionState, Voice } from "./decision.ts";
import { applyRules, type PolicyDocument, type RuleSubject } from "./policy.ts";
import { isPassing } from "./reasons.ts";

/** A decision of the past with the facts that were recorded about it. */
export interface PastDecision {
  id: string;
  at: number;
  node: string;
  repair: string;
  class: RepairClass;
  state: DecisionState;
  voices: readonly Voice[];
  peopleNeeded: number;
  reversible: boolean;
  /** Whether the plan said what it does to the world. */
  hasEffects: boolean;
  subject: RuleSubject;
  /** What became of the repair; null when its row is gone. */
  outcome: IntentState | null;
}

/** `judge`: a judge may allow it in a person's place. */
export const BACKTEST_WORDS = ["allow", "judge", "human", "deny"] as const;
export type BacktestWord = (typeof BACKTEST_WORDS)[number];

/**
 * `rejected`: it would have allowed what a person rejected. `failed`: it would have allowed what then failed or was taken
 * back. `stopped`: it would have denied what was approved and held.
 */
export const BACKTEST_FINDINGS = ["rejected", "failed", "stopped"] as const;
export type BacktestFinding = (typeof BACKTEST_FINDINGS)[number];

export interface BacktestCase {
  id: string;
  at: number;
  node: string;
  repair: string;
  was: DecisionState;
  /** Who had the last word then. */
  by: string;
  outcome: IntentState | null;
  would: BacktestWord;
  /** Id of the rule that would have spoken; null: none, or the gate stood before the rules. */
  rule: string | null;
  finding: BacktestFinding | null;
}

export interface BacktestSummary {
  cases: number;
  would: Record<BacktestWord, number>;
  findings: Record<BacktestFinding, number>;
  /** Decisions that a person would not have been asked for. */
  spared: number;
  /** It would have allowed nothing that a person rejected and nothing that failed. */
  ok: boolean;
}

const BAD: readonly (IntentState | null)[] = ["failed", "undone", "unknown"];

export function backtest(policy: PolicyDocument, past: readonly PastDecision[]): BacktestCase[] {
  return past.map((one) => {
    const { would, rule } = wouldDecide(policy, one);
    return {
      id: one.id,
      at: one.at,
      node: one.node,
      repair: one.repair,
      was: one.state,
      by: one.voices.at(-1)?.by ?? "nobody",
      outcome: one.outcome,
      would,
      rule,
      finding: findingOf(would, one),
    };
  });
}

/** Gate before rules, as it was recorded and as far as its facts are known; what only stood in the way for a while is left out. */
function wouldDecide(
  policy: PolicyDocument,
  past: PastDecision,
): { would: BacktestWord; rule: string | null } {
  const gate = past.voices.find(({ by, reason }) => by === "gate" && !isPassing(reason));
  if (gate?.verdict === "deny") return { would: "deny", rule: null };
  const { ruling, rule, llmMayDecide, people } = applyRules(policy, past.subject);
  const id = rule?.id ?? null;
  if (ruling.verdict === "deny") return { would: "deny", rule: id };
  const isForPeople =
    gate !== undefined ||
    needsPerson(past.class) ||
    !past.reversible ||
    !past.hasEffects ||
    Math.max(past.peopleNeeded, people) > 1;
  if (isForPeople) return { would: "human", rule: id };
  if (ruling.verdict === "allow") return { would: "allow", rule: id };
  return { would: llmMayDecide ? "judge" : "human", rule: id };
}

function findingOf(would: BacktestWord, { state, voices, outcome }: PastDecision): BacktestFinding | null {
  if (would === "allow") {
    if (state === "rejected" && isPerson(voices.at(-1))) return "rejected";
    return BAD.includes(outcome) ? "failed" : null;
  }
  return would === "deny" && state === "approved" && outcome === "verified" ? "stopped" : null;
}

const isPerson = (voice: Voice | undefined): boolean => voice?.layer === "human";

export function summarize(cases: readonly BacktestCase[]): BacktestSummary {
  const count = <T extends string>(words: readonly T[], of: (one: BacktestCase) => T | null) =>
    Object.fromEntries(words.map((word) => [word, cases.filter((one) => of(one) === word).length])) as Record<
      T,
      number
    >;
  const findings = count(BACKTEST_FINDINGS, ({ finding }) => finding);
  return {
    cases: cases.length,
    would: count(BACKTEST_WORDS, ({ would }) => would),
    findings,
    spared: cases.filter(({ would, by }) => would === "allow" && !by.startsWith("rule:")).length,
    ok: findings.rejected === 0 && findings.failed === 0,
  };
}
