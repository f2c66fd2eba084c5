/**
 * The deterministic gate: it looks at an intent in a fixed order and stops at the first thing that is wrong. What passes is
 * eligible for rules, a judge and people; nothing after the gate can bring back what it refused.
 */
import { normal, type Precondition } from "cortex";
import { fleetBudget, type FleetActivity, type FleetLimits } from "../fleet.ts";
import { type BlastRadius, needsPerson } from "./blast-radius.ts";
import type { GateEvidence, GateIntent, GateProblem, GateRepair } from "./intent.ts";
import { grammarFault } from "./grammar.ts";
import { crossedInvariant, type InvariantFacts, isBelow } from "./invariants.ts";
import { rule, type Ruling } from "./reasons.ts";

export interface Proposer {
  kind: "node" | "user" | "key" | "mcp" | "local";
  id: string;
  /** Nodes it may propose for, as its grants or its place in the tree say. */
  mayProposeFor(node: string): boolean;
  /** The call itself was allowed by the credential's scope. */
  scopeHolds: boolean;
}

export interface GateWorld {
  /** Nodes that exist, by id, with the targets each one has been seen to have. */
  targetsOf(node: string): ReadonlySet<string> | null;
  repairsOf(node: string): readonly GateRepair[];
  invariants: InvariantFacts;
  radius: BlastRadius;
  /** Running and recent repairs of the fleet. */
  activity: readonly FleetActivity[];
  fleet: FleetLimits;
  commonCause: boolean;
  attempts: { used: number; max: number; cooling: boolean };
  repairsOn: boolean;
  /** Freeze or maintenance, with its reason. */
  frozen: string | null;
  /** What independent observers say where the claim is that a node or target is gone; null when nobody else can see it. */
  seenAlive: boolean | null;
  now: number;
}

export interface GateInput {
  intent: GateIntent;
  proposer: Proposer;
  problem: GateProblem | null;
  evidence: readonly GateEvidence[];
  /** Measured for this look; null when nobody could. */
  preconditions: readonly Precondition[] | null;
  world: GateWorld;
}

export type GateResult = { eligible: true } | { eligible: false; ruling: Ruling };

type Step = (input: GateInput) => Ruling | null;

const STEPS: readonly Step[] = [
  schema,
  proposer,
  registered,
  breadth,
  invariants,
  coverage,
  quorum,
  blastRadius,
  attempts,
  freeze,
  preconditions,
  ceiling,
];

/** Every step in order; the first that objects decides. */
export function gate(input: GateInput): GateResult {
  for (const step of STEPS) {
    const ruling = step(input);
    if (ruling !== null) return { eligible: false, ruling };
  }
  return { eligible: true };
}

function schema({ intent }: GateInput): Ruling | null {
  if (intent.nodes.length === 0 || intent.target === "") return rule("empty_selector", intent.repair);
  if (intent.parameterProblem !== null) return rule("invalid_parameter", intent.parameterProblem);
  return grammarFault(intent.target, intent.effects);
}

function proposer({ intent, proposer: by, world }: GateInput): Ruling | null {
  if (!by.scopeHolds) return rule("scope_denied_at_call", `${by.kind}:${by.id}`);
  const foreign = intent.nodes.find((node) => !by.mayProposeFor(node));
  if (foreign !== undefined)
    return rule(by.kind === "node" ? "out_of_subtree" : "proposer_out_of_scope", foreign);
  const unknown = intent.nodes.find((node) => world.targetsOf(node) === null);
  return unknown === undefined ? null : rule("target_unknown", `node ${unknown}`);
}

function registered({ intent, problem, world }: GateInput): Ruling | null {
  for (const node of intent.nodes) {
    const found = world
      .repairsOf(node)
      .find(({ name, version }) => name === intent.repair && version === intent.version);
    if (found === undefined || found.class !== intent.class)
      return rule("unknown_action", `${intent.repair}@${intent.version} on ${node}`);
    if (problem !== null && !found.remedies.includes(problem.type))
      return rule("not_a_remedy", `${intent.repair} for ${problem.type}`);
    if (found.mode === "shadow") return rule("shadow", intent.repair);
    const smaller = smallerThan(intent, problem, world.repairsOf(node));
    if (smaller !== null) return rule("smaller_action_exists", `${smaller} instead of ${intent.repair}`);
  }
  return null;
}

const CLASSES = ["R0", "R1", "R2", "R3", "R4"];

/** What is destroyed to be made anew when a lesser repair of the same problem is at hand. */
function smallerThan(
  intent: GateIntent,
  problem: GateProblem | null,
  repairs: readonly GateRepair[],
): string | null {
  const destroys = intent.effects?.some((one) => one.kind === "host" && one.verb !== "fence") ?? false;
  if (!destroys || problem === null) return null;
  const lesser = repairs.find(
    (one) =>
      one.name !== intent.repair &&
      one.remedies.includes(problem.type) &&
      CLASSES.indexOf(one.class) < CLASSES.indexOf(intent.class) &&
      one.mode !== "shadow",
  );
  return lesser?.name ?? null;
}

function breadth({ intent, problem }: GateInput): Ruling | null {
  const broader = broaderThan(intent, problem);
  return broader === null ? null : rule("scope_broader_than_problem", broader);
}

function invariants({ intent, world }: GateInput): Ruling | null {
  return intent.effects === null ? null : crossedInvariant(intent.effects, world.invariants);
}

/** Counted once it is known that these nodes are the ones that the problem is about. */
function quorum({ intent, world }: GateInput): Ruling | null {
  const { group } = world.radius;
  const verbs = (intent.effects ?? []).flatMap((one) => (one.kind === "host" ? [one.verb] : []));
  if (verbs.length === 0 || group === null) return null;
  const left = group.healthy - group.touched;
  if (group.size >= 3 && left * 2 <= group.size)
    return rule("invariant_quorum", `${left} of ${group.size} nodes of ${group.name} would be left`);
  // One that is well goes down by choice: that has time until the others stand.
  const down = group.size - group.healthy;
  return down > 0 && verbs.every((verb) => verb === "reboot" || verb === "shutdown")
    ? rule("peers_down", `${down} of ${group.size} nodes of ${group.name}`)
    : null;
}

function coverage({ intent, evidence, world }: GateInput): Ruling | null {
  const targets = world.targetsOf(intent.nodes[0]!);
  if (intent.nodes.length === 1 && targets !== null && !targets.has(intent.target))
    return rule("target_unknown", `${intent.target} on ${intent.nodes[0]}`);
  const believed = evidence.filter(({ trust }) => trust !== "untrusted");
  const uncovered = intent.nodes.find(
    (node) => !believed.some((one) => one.nodes.includes(node) && one.targets.includes(intent.target)),
  );
  if (uncovered !== undefined)
    return intent.nodes.length > 1
      ? rule("blast_radius_exceeded", `${intent.nodes.length} nodes, evidence does not name ${uncovered}`)
      : rule("no_evidence", `${intent.target} on ${uncovered}`);
  if (world.seenAlive === true) return rule("uncorroborated", intent.target);
  return null;
}

/** A path that is an ancestor of what the problem is about. */
function broaderThan(intent: GateIntent, problem: GateProblem | null): string | null {
  if (problem === null || !problem.target.startsWith("/")) return null;
  const place = normal(problem.target);
  for (const effect of intent.effects ?? []) {
    if (effect.kind !== "delete" || effect.what === "logs") continue;
    const root = normal(effect.root);
    if (root !== place && isBelow(place, root)) return `${effect.root} for ${problem.target}`;
  }
  return null;
}

function blastRadius({ intent, world }: GateInput): Ruling | null {
  const { radius } = world;
  if (world.commonCause) return rule("common_cause", radius.group?.name ?? "");
  const allowance =
    radius.group === null ? 1 : Math.max(1, Math.floor(radius.group.size * world.fleet.share));
  if (intent.nodes.length > allowance)
    return rule("blast_radius_exceeded", `${intent.nodes.length} nodes at once, ${allowance} are allowed`);
  for (const node of intent.nodes) {
    const wish = { node, group: radius.group?.name ?? null, class: intent.class };
    const budget = fleetBudget(wish, world.activity, radius.group?.size ?? 1, world.now, world.fleet);
    if (!budget.allowed) return rule("lease_taken", budget.reason);
  }
  return null;
}

function attempts({ world: { attempts: spent } }: GateInput): Ruling | null {
  if (spent.used >= spent.max)
    return rule("attempt_budget_exhausted", `${spent.used} of ${spent.max} attempts used`);
  return spent.cooling ? rule("cooldown") : null;
}

function freeze({ world }: GateInput): Ruling | null {
  if (!world.repairsOn) return rule("repairs_off");
  return world.frozen === null ? null : rule("frozen", world.frozen);
}

function preconditions({ preconditions: measured }: GateInput): Ruling | null {
  const unmet = measured?.find(({ ok }) => !ok);
  return unmet === undefined ? null : rule("precondition_failed", `${unmet.name}: ${unmet.detail}`);
}

/** What people decide whatever rules and models say. */
function ceiling({ intent, world }: GateInput): Ruling | null {
  if (intent.effects === null) return rule("effects_unknown", intent.repair);
  if (needsPerson(intent.class)) return rule("class_needs_human", intent.class);
  return world.radius.reversible ? null : rule("irreversible", intent.repair);
}
