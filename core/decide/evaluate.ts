/** Gate → rules → judges, in this order and no other. What comes out is a word and everything that was said on the way. */
import type { Clock } from "cortex";
import type { Approver } from "../domain/decide/approval.ts";
import type { Decision, Voice } from "../domain/decide/decision.ts";
import { gate } from "../domain/decide/gate.ts";
import { applyRules, type PolicyRule } from "../domain/decide/policy.ts";
import { isPassing, type Ruling, type Verdict } from "../domain/decide/reasons.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import { judgeRequest } from "./judge-request.ts";
import type { Judging } from "./judging.ts";
import type { Policy } from "./policy.ts";
import { subjectOf } from "./subject.ts";
import { nodeProposer, type World } from "./world.ts";

export interface Evaluation {
  verdict: Verdict;
  voices: Voice[];
  /** Whose yes it is, when it is one. */
  approver: Approver | null;
  people: number;
}

export interface Evaluator {
  /** What the gate says right now; null when nothing stands in the way but people. */
  objection(decision: Decision, intent: IntentBody): Ruling | null;
  evaluate(decision: Decision, intent: IntentBody, onJudging: () => void): Promise<Evaluation>;
  /** Who wrote the rule that spoke for this decision. */
  authorOf(decision: Decision): string | null;
}

export interface EvaluatorDeps {
  clock: Clock;
  store: MonitorStore;
  nodes: Nodes;
  world: World;
  policy: Policy;
  judging: Judging;
}

export function createEvaluator(deps: EvaluatorDeps): Evaluator {
  const { clock, store, nodes, world, policy, judging } = deps;
  const said = (ruling: Ruling, by: string): Voice => ({ ...ruling, at: clock.now(), by });

  async function judged(decision: Decision, intent: IntentBody): Promise<Voice[]> {
    const problem = world.problemOf(decision.node, intent);
    const latest = nodes.detail(decision.node)?.latest ?? [];
    const request = judgeRequest({
      intent,
      problem,
      place: nodes.place(decision.node),
      tags: nodes.item(decision.node)?.tags ?? [],
      radius: decision.radius,
      results: latest.filter(({ target }) => target === intent.target),
      precedents: store.decisions.precedents(decision.repair, 5),
      now: clock.now(),
    });
    return judging.ask(request, decision.problemId);
  }

  return {
    async evaluate(decision, intent, onJudging) {
      const result = gate(world.gateInput(decision.node, intent, nodeProposer(decision.node)));
      if (!result.eligible && result.ruling.verdict === "deny") {
        const verdict = isPassing(result.ruling.reason) ? "human" : "deny";
        return { verdict, voices: [said(result.ruling, "gate")], approver: null, people: 1 };
      }
      const { document, version } = policy.current();
      const spoken = applyRules(document, subjectOf(deps, decision, intent, clock.now()));
      const ruleVoice = said(spoken.ruling, spoken.rule === null ? "policy" : `rule:${spoken.rule.id}`);
      const { people } = spoken;
      // A rule that forbids is heard even where the gate already asks for a person.
      if (spoken.ruling.verdict === "deny")
        return { verdict: "deny", voices: [ruleVoice], approver: null, people };
      if (!result.eligible) {
        const gateVoice = said(result.ruling, "gate");
        return { verdict: "human", voices: [ruleVoice, gateVoice], approver: null, people };
      }
      if (spoken.ruling.verdict === "allow") {
        const approver = ruleApprover(spoken.rule!, version, clock.now());
        return { verdict: "allow", voices: [ruleVoice], approver, people };
      }
      if (!spoken.llmMayDecide) return { verdict: "human", voices: [ruleVoice], approver: null, people };
      onJudging();
      const voices = [ruleVoice, ...(await judged(decision, intent))];
      const last = voices.at(-1)!;
      if (last.verdict !== "allow") return { verdict: last.verdict, voices, approver: null, people };
      // While the judge thought, the world went on: the gate has the last word as it had the first.
      const again = gate(world.gateInput(decision.node, intent, nodeProposer(decision.node)));
      if (!again.eligible)
        return {
          verdict: isPassing(again.ruling.reason) ? "human" : again.ruling.verdict,
          voices: [...voices, said(again.ruling, "gate")],
          approver: null,
          people,
        };
      const approver: Approver = {
        kind: "llm",
        principal: last.by,
        method: last.opinion?.model.slice(0, 100) ?? "model",
        at: clock.now(),
      };
      return { verdict: "allow", voices, approver, people };
    },
    objection(decision, intent) {
      const result = gate(world.gateInput(decision.node, intent, nodeProposer(decision.node)));
      return !result.eligible && result.ruling.verdict === "deny" ? result.ruling : null;
    },
    authorOf(decision) {
      const voice = decision.voices.find(({ by }) => by.startsWith("rule:"));
      const id = voice?.by.slice("rule:".length);
      return policy.current().document.rules.find((one) => one.id === id)?.author ?? null;
    },
  };
}

const ruleApprover = (found: PolicyRule, version: number, at: number): Approver => ({
  kind: "policy",
  principal: `rule:${found.id}`,
  method: `policy version ${version}`,
  at,
});
