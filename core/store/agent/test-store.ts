/** Makers of stores and records for the tests of this folder. */
import type { IntentRecord } from "../../domain/intent.ts";
import type { ProblemRecord } from "../../domain/problem.ts";
import { ephemeralIdentity, type NodeIdentity } from "../identity.ts";
import type { AgentStore } from "./agent-store.ts";
import { type AgentStoreOptions, createAgentStore } from "./create-agent-store.ts";

export const START = Date.UTC(2026, 10, 5, 10, 0, 0);

/** Sorts as a UUIDv7 does: `testId(1) < testId(2)`. */
export const testId = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

export interface TestStore extends AgentStore {
  clock: { at: number };
  identity: NodeIdentity;
}

export function testStore(path = ":memory:", options: Partial<AgentStoreOptions> = {}): TestStore {
  const clock = { at: START };
  const identity = ephemeralIdentity();
  let next = 900_000;
  const store = createAgentStore(path, {
    origin: identity.nodeId,
    sign: identity.sign,
    verify: identity.verify,
    now: () => clock.at,
    newId: () => testId((next += 1)),
    ...options,
  });
  return { ...store, clock, identity };
}

export function testIntent(n: number, change: Partial<IntentRecord> = {}): IntentRecord {
  return {
    id: testId(n),
    kind: "repair",
    state: "proposed",
    level: "L1",
    summary: "start nginx.service",
    text: "",
    category: null,
    actor: "engine",
    problemId: testId(500),
    check: "service",
    target: "nginx.service",
    owner: "unit:nginx.service",
    repair: "restart_unit",
    repairVersion: 1,
    class: "R1",
    params: { unit: "nginx.service" },
    plan: { summary: "start it", changes: [{ what: "nginx.service", from: "failed", to: "active" }] },
    hash: "ab".repeat(32),
    attempt: 1,
    shadow: false,
    decisions: [],
    evidenceIds: [],
    outcome: [],
    createdAt: START + n,
    updatedAt: START + n,
    expiresAt: null,
    finishedAt: null,
    watchUntil: null,
    ...change,
  };
}

export function testProblem(n: number, change: Partial<ProblemRecord> = {}): ProblemRecord {
  return {
    id: testId(n),
    fingerprint: "cd".repeat(32),
    check: "service",
    instance: "main",
    target: "nginx.service",
    type: "service.down",
    nature: "fact",
    state: "open",
    level: "L1",
    severity: "critical",
    status: "critical",
    summary: "nginx.service is failed",
    owner: "unit:nginx.service",
    dependsOn: [],
    tags: [],
    labels: { team: "web" },
    becauseOf: null,
    flapping: false,
    openedAt: START + n,
    updatedAt: START + n,
    resolvedAt: null,
    resolution: null,
    guards: {
      attemptsUsed: 0,
      attemptsMax: 3,
      attemptsResetAt: null,
      breakerUntil: null,
      cooldownUntil: null,
      nextAttemptAt: null,
      successesToday: 0,
      hold: null,
      holdText: null,
    },
    intentId: null,
    events: [{ at: START, kind: "opened", text: "nginx.service is failed" }],
    result: { target: "nginx.service", status: "critical", summary: "nginx.service is failed" },
    ...change,
  };
}
