/** A candidate policy over the decisions of a time. Reads only; nothing of it is put in force. */
import {
  backtest,
  type BacktestCase,
  type BacktestSummary,
  type PastDecision,
  summarize,
} from "../domain/decide/backtest.ts";
import type { Decision } from "../domain/decide/decision.ts";
import type { PolicyDocument } from "../domain/decide/policy.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { subjectOf } from "./subject.ts";
import type { World } from "./world.ts";

export interface Backtest {
  summary: BacktestSummary;
  /** Newest first, those with a finding before all others. */
  cases: BacktestCase[];
}

export interface BacktestDeps {
  store: MonitorStore;
  nodes: Nodes;
  world: World;
}

const PAGE = 500;
/** More than a fleet decides in a quarter; the newest count. */
const MAX_CASES = 10_000;

/** Decisions that were made since then; those that still wait tell nothing. */
export function pastOf(deps: BacktestDeps, since: number): PastDecision[] {
  const past: PastDecision[] = [];
  let cursor: string | undefined;
  do {
    const page = deps.store.decisions.find({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const decision of page.items) {
      if (decision.createdAt < since || past.length >= MAX_CASES) return past;
      const one = decision.state === "pending" ? null : pastDecision(deps, decision);
      if (one !== null) past.push(one);
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return past;
}

function pastDecision(deps: BacktestDeps, decision: Decision): PastDecision | null {
  const intent = deps.store.intents.get(decision.intentId, decision.node)?.body;
  if (intent === undefined) return null;
  const { id, createdAt: at, node, repair, state, voices, peopleNeeded } = decision;
  return {
    id,
    at,
    node,
    repair,
    class: decision.class,
    state,
    voices,
    peopleNeeded,
    reversible: decision.radius.reversible,
    hasEffects: (intent.plan?.effects ?? null) !== null,
    subject: subjectOf(deps, decision, intent, at),
    outcome: intent.state,
  };
}

export function runBacktest(deps: BacktestDeps, policy: PolicyDocument, since: number): Backtest {
  const cases = backtest(policy, pastOf(deps, since));
  const found = cases.filter(({ finding }) => finding !== null);
  return {
    summary: summarize(cases),
    cases: [...found, ...cases.filter(({ finding }) => finding === null)],
  };
}
