/** A candidate policy over the decisions of a time. Reads only; nothing of it is put in force. */
import {
  backtest,
  type BacktestCase,
  type BacktestSummary,
  type BacktestWord,
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
  /** Decisions that it would make in another way than the policy in force. */
  changed: number;
  /** Newest first; those with a finding before all others, then those that would be decided in another way. */
  cases: ComparedCase[];
  /** What comes before: the cursor for it; null at the end. */
  next: string | null;
}

/** `inForce`: what the policy in force says of it. */
export type ComparedCase = BacktestCase & { inForce: BacktestWord };

export interface BacktestDeps {
  store: MonitorStore;
  nodes: Nodes;
  world: World;
}

const PAGE = 500;
/** More than a fleet decides in a quarter; the newest count. */
const MAX_CASES = 10_000;

/** Decisions that were made since then, all of them; those that still wait tell nothing. */
export function pastOf(deps: BacktestDeps, since: number): PastDecision[] {
  const past: PastDecision[] = [];
  let cursor: string | null = null;
  do {
    const page = pastPage(deps, since, cursor);
    past.push(...page.past);
    cursor = page.next;
  } while (cursor !== null && past.length < MAX_CASES);
  return past;
}

function pastPage(
  deps: BacktestDeps,
  since: number,
  cursor: string | null,
): { past: PastDecision[]; next: string | null } {
  const { items, next } = deps.store.decisions.find({ limit: PAGE, ...(cursor === null ? {} : { cursor }) });
  const inTime = items.filter(({ createdAt }) => createdAt >= since);
  const past = inTime.flatMap((decision) =>
    decision.state === "pending" ? [] : (pastDecision(deps, decision) ?? []),
  );
  return { past, next: inTime.length < items.length ? null : next };
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

/** `cursor`: one page from there on, so that a long past holds up nobody; undefined: all of it at once. */
export function runBacktest(
  deps: BacktestDeps,
  policies: { candidate: PolicyDocument; inForce: PolicyDocument },
  since: number,
  cursor?: string | null,
): Backtest {
  const { past, next } =
    cursor === undefined ? { past: pastOf(deps, since), next: null } : pastPage(deps, since, cursor);
  const before = backtest(policies.inForce, past);
  const cases = backtest(policies.candidate, past).map((one, at) => ({ ...one, inForce: before[at]!.would }));
  const rank = ({ finding, would, inForce }: ComparedCase) =>
    finding !== null ? 0 : would !== inForce ? 1 : 2;
  return {
    summary: summarize(cases),
    changed: cases.filter(({ would, inForce }) => would !== inForce).length,
    cases: cases.toSorted((a, b) => rank(a) - rank(b)),
    next,
  };
}
