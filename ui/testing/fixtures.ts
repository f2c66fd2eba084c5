/** A believable fleet for the fake API: states of every kind, times relative to one moment. */
import type { AutonomyItem, Check, Decision, Intent, NodeItem, Plugin, Problem } from "../data/types.ts";
import { checksOf, pluginsOf } from "./fixtures/checks.ts";
import { intentsAt } from "./fixtures/intents.ts";
import { momentAt } from "./fixtures/moment.ts";
import { nodesAt } from "./fixtures/nodes.ts";
import { problemsAt } from "./fixtures/problems.ts";

export interface Fleet {
  nodes: NodeItem[];
  problems: Problem[];
  intents: Intent[];
  decisions: Decision[];
  autonomy: AutonomyItem[];
  checks: Check[];
  plugins: Plugin[];
}

export const emptyFleet = (): Fleet => ({
  nodes: [],
  problems: [],
  intents: [],
  decisions: [],
  autonomy: [],
  checks: [],
  plugins: [],
});

export function fleetAt(now: number): Fleet {
  const moment = momentAt(now);
  const nodes = nodesAt(moment);
  const problems = problemsAt(moment, nodes);
  return {
    nodes,
    problems: Object.values(problems),
    intents: intentsAt(moment, problems),
    decisions: [],
    autonomy: [],
    checks: checksOf(moment, nodes),
    plugins: pluginsOf(nodes),
  };
}

/** One healthy node, nothing to do. */
export function calmFleet(now: number): Fleet {
  const fleet = fleetAt(now);
  return {
    nodes: fleet.nodes.slice(0, 1),
    problems: fleet.problems.filter((one) => one.state === "resolved"),
    intents: fleet.intents.filter((one) => one.state === "verified" && one.kind === "repair"),
    decisions: [],
    autonomy: [],
    checks: fleet.checks.filter((one) => one.node === fleet.nodes[0]!.id),
    plugins: fleet.plugins.filter((one) => one.node === fleet.nodes[0]!.id),
  };
}
