/** An intent that the gate lets through, to be spoiled by tests one thing at a time. */
import type { GateInput, GateWorld } from "../domain/decide/gate.ts";
import type { GateIntent } from "../domain/decide/intent.ts";
import type { InvariantFacts } from "../domain/decide/invariants.ts";

export const TEST_NODE = "n_web1";

export const testInvariants: InvariantFacts = {
  minGenerations: 3,
  ownPaths: ["/var/lib/cortex", "/etc/cortex"],
  ownNames: ["cortex", "cortex.service"],
  protectedUnits: ["vault.service"],
  admins: ["root", "ops"],
};

export interface GateSpoil {
  intent?: Partial<GateIntent>;
  world?: Partial<GateWorld>;
  input?: Partial<GateInput>;
}

export function gateInput({ intent = {}, world = {}, input = {} }: GateSpoil = {}): GateInput {
  return {
    intent: {
      id: "0199f000-0000-7000-8000-000000000001",
      nodes: [TEST_NODE],
      repair: "unit.restart",
      version: 1,
      class: "R2",
      target: "nginx.service",
      effects: [{ kind: "service", verb: "restart", name: "nginx.service" }],
      undo: false,
      parameterProblem: null,
      ...intent,
    },
    proposer: { kind: "node", id: TEST_NODE, mayProposeFor: (node) => node === TEST_NODE, scopeHolds: true },
    problem: {
      id: "0199f000-0000-7000-8000-000000000002",
      node: TEST_NODE,
      type: "service.unhealthy",
      target: "nginx.service",
      owner: "unit:nginx.service",
      severity: "critical",
    },
    evidence: [{ id: "e1", trust: "agent", nodes: [TEST_NODE], targets: ["nginx.service"] }],
    preconditions: [],
    world: {
      targetsOf: (node) => (node === TEST_NODE ? new Set(["nginx.service"]) : null),
      repairsOf: () => [
        { name: "unit.restart", version: 1, class: "R2", remedies: ["service.unhealthy"], mode: "ask" },
      ],
      invariants: testInvariants,
      radius: {
        nodes: [TEST_NODE],
        group: { name: "web", size: 3, touched: 1, healthy: 3 },
        dependents: [],
        interrupts: true,
        reversible: true,
      },
      activity: [],
      fleet: { share: 0.1, windowMs: 600_000 },
      commonCause: false,
      attempts: { used: 0, max: 3, cooling: false },
      repairsOn: true,
      frozen: null,
      seenAlive: null,
      now: 1_000_000,
      ...world,
    },
    ...input,
  };
}
