/** What the Monitor knows about an intent and everything around it, in the form the gate looks at. */
import type { Clock, RepairClass } from "cortex";
import { type BlastRadius, isInterrupting, isReversible, undoOf } from "../domain/decide/blast-radius.ts";
import type { GateInput, Proposer } from "../domain/decide/gate.ts";
import type { GateEvidence, GateProblem } from "../domain/decide/intent.ts";
import type { Decision } from "../domain/decide/decision.ts";
import { commonCause, type FleetActivity } from "../domain/fleet.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { WireRepair } from "../wire/inventory.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { DecideConfig } from "./config.ts";
import { ACTIVE_STATES, createRecentActs, hasActed } from "./recent-acts.ts";

export interface WorldDeps {
  store: MonitorStore;
  nodes: Nodes;
  clock: Clock;
  config: () => DecideConfig;
}

export interface World {
  /** A node told of an intent. */
  noticed(node: string, intent: IntentBody): void;
  radius(node: string, intent: IntentBody): BlastRadius;
  problemOf(node: string, intent: IntentBody): ProblemBody | null;
  /** Of the node and of what the intent is about. */
  tagsOf(node: string, intent: IntentBody): string[];
  /** Repairs of this name on all nodes. */
  repairsNamed(repair: string): { node: string; class: RepairClass }[];
  gateInput(node: string, intent: IntentBody, proposer: Proposer): GateInput;
}

type StoredIntent = ReturnType<MonitorStore["intents"]["find"]>["items"][number];

/** Rows of running and recent repairs that are looked at. */
const LOOKED_AT = 500;
const OWN_NAMES = ["cortex", "cortex-agent", "cortex-monitor", "cortex-helper"];

/** A node's own word about itself: it proposes for itself alone. */
export const nodeProposer = (node: string): Proposer => ({
  kind: "node",
  id: node,
  mayProposeFor: (other) => other === node,
  scopeHolds: true,
});

export function createWorld({ store, nodes, clock, config }: WorldDeps): World {
  const acts = createRecentActs(clock);
  const problemOf = (node: string, intent: IntentBody): ProblemBody | null =>
    intent.problemId === null ? null : (store.problems.get(intent.problemId, node)?.body ?? null);

  const membersOf = (group: string) => nodes.ids().filter((id) => nodes.place(id)?.group === group);
  const isAlive = (id: string) => ["online", "degraded"].includes(nodes.item(id)?.state ?? "");

  /** It does its part of the work. What the act is about is no trouble of its own: after an update all want the same reboot. */
  function isServing(id: string, check: string | undefined): boolean {
    // Only a degraded one has a warning or worse to look at.
    if (nodes.item(id)?.state !== "degraded") return isAlive(id);
    const open = store.problems.find({ state: ["open"], node: id, limit: LOOKED_AT }).items;
    return open.every(({ body }) => body.severity !== "critical" || body.check === check);
  }

  function radius(node: string, intent: IntentBody): BlastRadius {
    const group = nodes.place(node)?.group ?? null;
    const members = group === null ? [] : membersOf(group);
    const check = problemOf(node, intent)?.check;
    // The node itself is the one that goes: what counts is who is left.
    const healthy = members.filter((id) => id === node || isServing(id, check)).length;
    const effects = intent.plan?.effects ?? null;
    const undo = repairOf(node, intent)?.undo ?? false;
    return {
      nodes: [node],
      group: group === null ? null : { name: group, size: members.length, touched: 1, healthy },
      dependents: dependentsOf(node, intent),
      interrupts: isInterrupting(effects),
      reversible: isReversible(effects, undo),
      undo: undoOf(effects, undo),
    };
  }

  const repairsOf = (node: string): WireRepair[] =>
    store.inventory.find({ kind: "repair", node, limit: LOOKED_AT }).items.map(({ body }) => body);
  const repairOf = (node: string, intent: IntentBody) =>
    repairsOf(node).find(({ id, version }) => id === intent.repair && version === intent.repairVersion);

  /** Open problems of the same node that are explained by this one. */
  function dependentsOf(node: string, intent: IntentBody): string[] {
    const open = store.problems.find({ state: ["open"], node, limit: LOOKED_AT }).items;
    return open.filter(({ body }) => body.becauseOf === intent.problemId).map(({ body }) => body.target);
  }

  function targetsOf(node: string): Set<string> | null {
    const detail = nodes.detail(node);
    if (detail === null) return null;
    const open = store.problems.find({ state: ["open"], node, limit: LOOKED_AT }).items;
    return new Set([...detail.latest, ...open.map(({ body }) => body)].map(({ target }) => target));
  }

  function activity(): FleetActivity[] {
    const { windowMs } = config().fleet;
    const since = clock.now() - windowMs;
    const running = store.intents.find({
      kind: ["repair"],
      state: [...ACTIVE_STATES],
      limit: LOOKED_AT,
    }).items;
    const recent = store.intents.find({ kind: ["repair"], since, limit: LOOKED_AT }).items;
    const noticed = acts.within(windowMs).flatMap(({ id, node }) => store.intents.get(id, node) ?? []);
    const rows = new Map([...running, ...recent, ...noticed].map((row) => [row.body.id, row]));
    const approved = store.decisions.find({ state: ["approved"], limit: LOOKED_AT }).items.flatMap(leaseOf);
    return [...approved, ...acting(rows)];
  }

  /** An approval is a lease from the moment it is signed: until its intent begins, nothing else shows it. */
  function leaseOf({ node, class: repairClass, approval, intentId, delivery }: Decision): FleetActivity[] {
    if (approval === null || clock.now() >= approval.expiresAt || delivery?.state === "refused") return [];
    const state = store.intents.get(intentId, node)?.body.state;
    if (state !== "proposed" && state !== "approved") return [];
    const group = nodes.place(node)?.group ?? null;
    return [{ node, group, class: repairClass, startedAt: approval.notBefore, endedAt: null }];
  }

  function acting(rows: ReadonlyMap<string, StoredIntent>): FleetActivity[] {
    return [...rows.values()]
      .filter(({ body }) => hasActed(body))
      .map(({ nodeId, body }) => ({
        node: nodeId,
        group: nodes.place(nodeId)?.group ?? null,
        class: body.class ?? "R1",
        startedAt: clock.now() - acts.age(body),
        endedAt: ACTIVE_STATES.includes(body.state) ? null : Date.parse(body.updatedAt),
      }));
  }

  function hasCommonCause(problem: ProblemBody | null, radiusOf: BlastRadius): boolean {
    if (problem === null || radiusOf.group === null) return false;
    const group = new Set(membersOf(radiusOf.group.name));
    const affected = store.problems
      .find({ state: ["open"], check: problem.check, limit: LOOKED_AT })
      .items.filter(({ nodeId }) => group.has(nodeId))
      .map(({ nodeId }) => nodeId);
    return commonCause(affected, radiusOf.group.size, config().commonCause);
  }

  return {
    noticed: acts.noticed,
    radius,
    problemOf,
    tagsOf: (node, intent) => [...(nodes.item(node)?.tags ?? []), ...(problemOf(node, intent)?.tags ?? [])],
    repairsNamed: (repair) =>
      nodes
        .ids()
        .flatMap((node) =>
          repairsOf(node).flatMap(({ id, class: repairClass }) =>
            id === repair ? { node, class: repairClass } : [],
          ),
        ),
    gateInput(node, intent, proposer) {
      const { fleet, minGenerations, protectedUnits, ownPaths } = config();
      const problem = problemOf(node, intent);
      const reach = radius(node, intent);
      const now = clock.now();
      const { guards } = problem ?? {};
      const frozen = nodes
        .maintenance(node)
        .find(
          (one) =>
            Date.parse(one.from) <= now &&
            now < Date.parse(one.until) &&
            (one.check === "*" || one.check === problem?.check) &&
            (one.target === "*" || one.target === problem?.target),
        );
      return {
        intent: {
          id: intent.id,
          nodes: [node],
          repair: intent.repair ?? "",
          version: intent.repairVersion ?? 0,
          class: intent.class ?? "R4",
          target: intent.target ?? "",
          effects: intent.plan?.effects ?? null,
          undo: repairOf(node, intent)?.undo ?? false,
          parameterProblem: null,
        },
        proposer,
        problem: problem === null ? null : gateProblem(node, problem),
        evidence: problem === null ? [] : evidenceOf(node, problem),
        preconditions: null,
        world: {
          targetsOf,
          repairsOf: (id) => repairsOf(id).map(({ id: name, ...rest }) => ({ name, ...rest })),
          invariants: { minGenerations, ownPaths, ownNames: OWN_NAMES, protectedUnits, admins: [] },
          radius: reach,
          activity: activity(),
          fleet,
          commonCause: hasCommonCause(problem, reach),
          attempts: {
            used: guards?.attemptsUsed ?? 0,
            max: guards?.attemptsMax ?? 3,
            cooling: guards?.cooldownUntil != null && Date.parse(guards.cooldownUntil) > now,
          },
          repairsOn: nodes.item(node)?.repairs !== false,
          frozen: frozen?.reason ?? null,
          seenAlive: claimsLoss(intent) ? isAlive(node) : null,
          now,
        },
      };
    },
  };
}

/** What is fenced or made anew is said to be lost; the Monitor hears for itself whether it is. */
const claimsLoss = ({ plan }: IntentBody): boolean =>
  plan?.effects?.some((one) => one.kind === "host" && (one.verb === "fence" || one.verb === "recreate")) ??
  false;

const gateProblem = (node: string, { id, type, target, owner, severity }: ProblemBody): GateProblem => ({
  id,
  node,
  type,
  target,
  owner,
  severity,
});

/** The problem itself is evidence: the node's own program measured it. Its words are not. */
const evidenceOf = (node: string, problem: ProblemBody): GateEvidence[] => [
  { id: problem.id, trust: "agent", nodes: [node], targets: [problem.target] },
];
