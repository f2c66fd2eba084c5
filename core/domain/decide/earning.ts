/** When a repair has earned to act by itself: so many verified runs that, with 95 % confidence, more than a given share holds. */
import type { RepairClass } from "cortex";
import { covers, type NodePlace, parseScope } from "../access.ts";
import type { AutonomyState } from "./standing.ts";

/** One run of a repair that came to an end. */
export interface RepairOutcome {
  node: string;
  /** False when it failed, was undone, or did not hold while it was watched. */
  ok: boolean;
  /** A decision was needed for it. */
  asked: boolean;
  class: RepairClass;
  /** Epoch ms. */
  at: number;
}

export interface EarningLimits {
  /** Verified runs at least. */
  least: number;
  /** Share that must hold, 0 to 1. */
  bound: number;
}

export interface AutonomyEvidence {
  verified: number;
  failed: number;
  nodes: number;
  /** Lower bound of the share that holds, 0 to 1. */
  bound: number;
  isEarned: boolean;
}

/** Standard normal quantile for 95 %. */
const Z = 1.959964;

/** Lower end of the 95 % score interval of a share. Wilson, E. B. (1927), J. Am. Stat. Assoc. 22:209. */
export function wilsonLower(successes: number, trials: number): number {
  if (trials === 0) return 0;
  const share = successes / trials;
  const z2 = Z * Z;
  const center = share + z2 / (2 * trials);
  const margin = Z * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  return Math.max(0, (center - margin) / (1 + z2 / trials));
}

/** `isWide`: for more than one node; then it must have been seen on two of them, so that none speaks for the others. */
export function evidenceOf(
  outcomes: readonly RepairOutcome[],
  { least, bound }: EarningLimits,
  isWide: boolean,
): AutonomyEvidence {
  const good = outcomes.filter(({ ok }) => ok);
  const nodes = new Set(good.map(({ node }) => node)).size;
  const lower = wilsonLower(good.length, outcomes.length);
  return {
    verified: good.length,
    failed: outcomes.length - good.length,
    nodes,
    bound: lower,
    isEarned: good.length >= least && lower > bound && (!isWide || nodes > 1),
  };
}

/** Classes that can earn it; R3 and R4 are a person's for ever. */
export const EARNING_CLASSES: readonly RepairClass[] = ["R0", "R1", "R2"];

/** Where a grant holds: the scopes of access, and `node:ID`. */
export type AutonomyScope = string;

const NODE = /^node:(n_[a-z2-7]{26})$/;

export const isAutonomyScope = (scope: AutonomyScope): boolean =>
  NODE.test(scope) || parseScope(scope as "*") !== null;

export function isInScope(scope: AutonomyScope, place: NodePlace): boolean {
  const node = NODE.exec(scope)?.[1];
  return node === undefined ? covers(scope as "*", place) : node === place.id;
}

/** What is said of one node stands above what is said of a part of the tree, and that above what is said of all. */
const breadth = (scope: AutonomyScope): number => (NODE.test(scope) ? 0 : scope === "*" ? 2 : 1);

const CARE: readonly AutonomyState[] = ["shadow", "ask", "act"];

/** The grant that speaks for a node: the narrowest; among equals the most careful. All are about the same repair. */
export function speakingGrant<G extends { scope: AutonomyScope; state: AutonomyState }>(
  grants: readonly G[],
  place: NodePlace,
): G | null {
  const fitting = grants.filter(({ scope }) => isInScope(scope, place));
  const order = (a: G, b: G) =>
    breadth(a.scope) - breadth(b.scope) || CARE.indexOf(a.state) - CARE.indexOf(b.state);
  return fitting.toSorted(order)[0] ?? null;
}
