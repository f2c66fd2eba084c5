/** What people decided the same way again and again, as a rule that one of them may accept. A proposal changes nothing. */
import { needsPerson } from "./blast-radius.ts";
import type { PastDecision } from "./backtest.ts";
import { applyRules, type PolicyDocument, type PolicyRule } from "./policy.ts";

export interface RuleProposal {
  rule: PolicyRule;
  /** Ids of the decisions that it follows, newest first. */
  cases: string[];
}

export interface LearningLimits {
  /** Verdicts of people in a row that agree. */
  least: number;
  /** A learned rule ends after this, ms. */
  lifeMs: number;
  /** Epoch ms. */
  now: number;
}

/** What a rule learned from it could be about: one repair of one type of problem, in one group. */
const kindOf = ({ subject }: PastDecision): string =>
  JSON.stringify([subject.repair, subject.problemType, subject.group]);

/** A person's word; null for what rules, judges or nobody decided. */
function wordOf({ state, voices }: PastDecision): "allow" | "deny" | null {
  if (voices.at(-1)?.layer !== "human") return null;
  return state === "approved" ? "allow" : state === "rejected" ? "deny" : null;
}

/** `past` newest first. Where a rule speaks already nothing is proposed, whatever it says. */
export function proposeRules(
  policy: PolicyDocument,
  past: readonly PastDecision[],
  limits: LearningLimits,
): RuleProposal[] {
  const kinds = new Map<string, PastDecision[]>();
  for (const one of past)
    if (wordOf(one) !== null) kinds.set(kindOf(one), [...(kinds.get(kindOf(one)) ?? []), one]);
  return [...kinds.values()].flatMap((cases) => {
    const proposal = proposalOf(cases, limits);
    const subject = { ...cases[0]!.subject, at: limits.now };
    return proposal === null || applyRules(policy, subject).rule !== null ? [] : [proposal];
  });
}

function proposalOf(
  cases: readonly PastDecision[],
  { least, lifeMs, now }: LearningLimits,
): RuleProposal | null {
  const [newest] = cases as [PastDecision, ...PastDecision[]];
  const word = wordOf(newest)!;
  const { repair, problemType, group } = newest.subject;
  const ends = cases.findIndex((one) => !agrees(one, word));
  const streak = ends === -1 ? cases : cases.slice(0, ends);
  if (streak.length < least || problemType === null) return null;
  return {
    rule: {
      id: `learned-${slug([word, repair, problemType, group ?? ""].join(" "))}`,
      when: { repair, problem: problemType, ...(group === null ? {} : { group }) },
      verdict: word,
      reason: `people ${word === "allow" ? "approved" : "rejected"} this ${streak.length} times in a row`,
      expires: new Date(now + lifeMs).toISOString(),
      learned: true,
    },
    cases: streak.map(({ id }) => id),
  };
}

/** A yes counts when it was about something that a rule may allow, and when it held. */
function agrees(past: PastDecision, word: "allow" | "deny"): boolean {
  if (wordOf(past) !== word) return false;
  if (word === "deny") return true;
  const isForPeople =
    needsPerson(past.class) || !past.reversible || !past.hasEffects || past.peopleNeeded > 1;
  return past.outcome === "verified" && !isForPeople;
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 54);

/**
 * The policy after a repair that a learned rule allowed did not hold: people are asked again. null when that rule is none
 * that was learned, or asks people already.
 */
export function demoted(policy: PolicyDocument, id: string, reason: string): PolicyDocument | null {
  const rule = policy.rules.find((one) => one.id === id);
  if (rule?.learned !== true || rule.verdict !== "allow") return null;
  return {
    ...policy,
    rules: policy.rules.map((one) => (one === rule ? { ...rule, verdict: "human", reason } : one)),
  };
}
