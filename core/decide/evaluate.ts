/** A stored decision put to gate, rules and judges: what comes out is a word and everything that was said on the way. */
import type { Clock } from "cortex";
import type { Decision, Voice } from "../domain/decide/decision.ts";
import { gate } from "../domain/decide/gate.ts";
import type { Ruling } from "../domain/decide/reasons.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import { judgeRequest } from "./judge-request.ts";
import type { Judging } from "./judging.ts";
import type { Policy } from "./policy.ts";
import { subjectOf } from "./subject.ts";
import { type Evaluation, weigh } from "./weigh.ts";
import { nodeProposer, type World } from "./world.ts";

export interface Evaluator {
  /** What the gate says right now; null when nothing stands in the way but people. */
  objection(decision: Decision, intent: IntentBody): Ruling | null;
  evaluate(decision: Decision, intent: IntentBody, onJudging: () => void): Promise<Evaluation>;
  /** Who wrote the rule that spoke for this decision. */
  authorOf(decision: Decision): string | null;
}

/** Characters of a node's own reason that are kept with a decision. */
const MOST_SAID = 300;

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
    evaluate: (decision, intent, onJudging) =>
      weigh({
        look: () => world.gateInput(decision.node, intent, nodeProposer(decision.node)),
        subject: () => subjectOf(deps, decision, intent, clock.now()),
        policy: policy.current(),
        judges() {
          onJudging();
          return judged(decision, intent);
        },
        askedBecause: intent.decisions
          .findLast(({ verdict }) => verdict === "human")
          ?.reason.slice(0, MOST_SAID),
        now: () => clock.now(),
      }),
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
