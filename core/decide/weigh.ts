/** Gate → rules → judges → gate again, in this order and no other: for decisions, and for the evaluation of all this. */
import type { Approver } from "../domain/decide/approval.ts";
import type { Voice } from "../domain/decide/decision.ts";
import { gate, type GateInput } from "../domain/decide/gate.ts";
import {
  applyRules,
  type PolicyDocument,
  type PolicyRule,
  type RuleSubject,
} from "../domain/decide/policy.ts";
import { isPassing, type Ruling, type Verdict } from "../domain/decide/reasons.ts";

export interface Evaluation {
  verdict: Verdict;
  voices: Voice[];
  /** Whose yes it is, when it is one. */
  approver: Approver | null;
  people: number;
}

export interface Question {
  /** What the gate sees at this moment; asked again before a yes. */
  look(): GateInput;
  subject(): RuleSubject;
  policy: { document: PolicyDocument; version: number };
  judges(): Promise<Voice[]>;
  /** Why the node itself did not act; said where no rule has a word of its own. */
  askedBecause?: string;
  now(): number;
}

export async function weigh(question: Question): Promise<Evaluation> {
  const { look, policy, now } = question;
  const said = (ruling: Ruling, by: string): Voice => ({
    ...ruling,
    at: now(),
    by,
  });
  const result = gate(look());
  const passes = !result.eligible && isPassing(result.ruling.reason);
  if (!result.eligible && result.ruling.verdict === "deny" && !passes)
    return {
      verdict: "deny",
      voices: [said(result.ruling, "gate")],
      approver: null,
      people: 1,
    };
  const spoken = applyRules(policy.document, question.subject());
  const ruling =
    spoken.rule === null ? { ...spoken.ruling, detail: question.askedBecause ?? "" } : spoken.ruling;
  const ruleVoice = said(ruling, spoken.rule === null ? "policy" : `rule:${spoken.rule.id}`);
  const { people } = spoken;
  // A rule that forbids is heard even where the gate already asks for a person, or only for time.
  if (spoken.ruling.verdict === "deny")
    return { verdict: "deny", voices: [ruleVoice], approver: null, people };
  if (passes)
    return {
      verdict: "human",
      voices: [said(result.ruling, "gate")],
      approver: null,
      people: 1,
    };
  if (!result.eligible)
    return {
      verdict: "human",
      voices: [ruleVoice, said(result.ruling, "gate")],
      approver: null,
      people,
    };
  if (spoken.ruling.verdict === "allow") {
    const approver = ruleApprover(spoken.rule!, policy.version, now());
    return { verdict: "allow", voices: [ruleVoice], approver, people };
  }
  if (!spoken.llmMayDecide) return { verdict: "human", voices: [ruleVoice], approver: null, people };
  return judged(question, ruleVoice, people);
}

async function judged(question: Question, ruleVoice: Voice, people: number): Promise<Evaluation> {
  const voices = [ruleVoice, ...(await question.judges())];
  const last = voices.at(-1)!;
  if (last.verdict !== "allow") return { verdict: last.verdict, voices, approver: null, people };
  // While the judge thought, the world went on: the gate has the last word as it had the first.
  const again = gate(question.look());
  if (!again.eligible)
    return {
      verdict: isPassing(again.ruling.reason) ? "human" : again.ruling.verdict,
      voices: [...voices, { ...again.ruling, at: question.now(), by: "gate" }],
      approver: null,
      people,
    };
  const approver: Approver = {
    kind: "llm",
    principal: last.by,
    method: last.opinion?.model.slice(0, 100) ?? "model",
    at: question.now(),
  };
  return { verdict: "allow", voices, approver, people };
}

const ruleApprover = (found: PolicyRule, version: number, at: number): Approver => ({
  kind: "policy",
  principal: `rule:${found.id}`,
  method: `policy version ${version}`,
  at,
});
