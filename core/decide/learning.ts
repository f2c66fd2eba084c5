/** Rules that follow from what people decided: offered with their cases and a test, put in force only by a person. */
import { type Clock, defineErrors } from "cortex";
import { backtest, type BacktestSummary, summarize } from "../domain/decide/backtest.ts";
import { proposeRules, type RuleProposal } from "../domain/decide/learning.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { PolicyVersion } from "../store/monitor/decisions.repository.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { pastOf } from "./backtest.ts";
import type { DecideConfig } from "./config.ts";
import type { Policy } from "./policy.ts";
import type { World } from "./world.ts";

export interface TestedProposal extends RuleProposal {
  /** What this rule alone would have decided where it fits. */
  test: BacktestSummary;
}

export interface Learning {
  proposals(): TestedProposal[];
  /** Dismissing is a rule, too: people go on deciding, and nobody is asked again. Errors: `learning.gone`. */
  answer(ruleId: string, answer: "accept" | "dismiss", by: string): PolicyVersion;
}

export interface LearningDeps {
  store: MonitorStore;
  nodes: Nodes;
  world: World;
  policy: Policy;
  clock: Clock;
  config: () => DecideConfig;
}

const errors = defineErrors("learning", { gone: "not_found" });
/** What is older tells little about today. */
const LOOK_BACK_MS = 180 * 86_400_000;

export function createLearning(deps: LearningDeps): Learning {
  const { policy, clock } = deps;

  function proposals(): TestedProposal[] {
    const now = clock.now();
    const past = pastOf(deps, now - LOOK_BACK_MS);
    const limits = { ...deps.config().learning, now };
    return proposeRules(policy.current().document, past, limits).map((one) => {
      const cases = backtest({ version: 1, rules: [one.rule] }, past);
      return { ...one, test: summarize(cases.filter(({ rule }) => rule === one.rule.id)) };
    });
  }

  return {
    proposals,
    answer(ruleId, answer, by) {
      const found = proposals().find(({ rule }) => rule.id === ruleId);
      if (found === undefined)
        throw errors.gone("this rule is not proposed any more; see the list of proposals");
      const { version, document } = policy.current();
      const { learned: _, ...plain } = found.rule;
      const rule =
        answer === "accept"
          ? found.rule
          : { ...plain, verdict: "human" as const, reason: `dismissed: ${found.rule.verdict}` };
      // After all others: what people wrote themselves speaks first. One of this name that ended gives way.
      const rules = [...document.rules.filter(({ id }) => id !== ruleId), rule];
      return policy.save({ version: 1, rules }, version, by, `${answer} ${ruleId}`);
    },
  };
}
