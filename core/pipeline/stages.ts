/** Builds the stages of one agent and what joins them. */
import type { Clock, HostFs, Log, NodeFacts, Status } from "cortex";
import type { Config } from "../config/schema.ts";
import type { ProblemRecord } from "../domain/problem.ts";
import type { Registry } from "../host/registry.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { Uplink } from "../wire/link.ts";
import { createEvidence } from "./evidence.ts";
import { createExecutor } from "./executor.ts";
import { createIntents, type Intents } from "./intents.ts";
import { findLockHolder } from "./locks.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createProblems, type Problems } from "./problems.ts";
import type { ReconcileDeps } from "./reconcile.ts";
import { createRepairer, type Repairer } from "./repairer.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { createVerifier, type Verifier } from "./verifier.ts";

export interface AgentDeps {
  config: () => Config;
  node: NodeFacts;
  store: AgentStore;
  registry: Registry;
  uplink: Uplink;
  clock: Clock;
  fs: HostFs;
  /** Readings of /proc and /sys are shared until the next call. */
  beginTick: () => void;
  /** Number of this start of the program. */
  epoch: number;
  version: string;
  newId: () => string;
  redact: (text: string) => string;
  log: (plugin: string, instance: string) => Log;
  recordCall: (plugin: string, instance: string, error: string | null) => void;
  inventory: () => InventoryBody;
}

export interface Stages {
  outbox: Outbox;
  problems: Problems;
  intents: Intents;
  repairer: Repairer;
  verifier: Verifier;
  reporter: Reporter;
  reconcileDeps: ReconcileDeps;
  /** A problem opened: if a verified repair of it is still being watched, that repair did not hold. */
  relapsed(problem: ProblemRecord): void;
  /** A problem ended by itself: what was proposed for it is void. */
  supersedeProposals(problemId: string): void;
  checkpoint(): void;
  prune(): void;
}

export interface StageLinks {
  signal: AbortSignal;
  config: () => Config;
  lookNow: (problem: ProblemRecord) => Promise<{ status: Status; summary: string } | null>;
}

export function createStages(deps: AgentDeps, links: StageLinks): Stages {
  const { store, clock, node, registry, config, newId } = deps;
  const { signal, lookNow } = links;
  const outbox = createOutbox({ ...deps, log: deps.log("core", "outbox"), nodeId: node.id });
  const intents = createIntents(store, outbox);
  const repairInFlight = (fingerprint: string) =>
    store.attempts.running().some((attempt) => attempt.problemFingerprint === fingerprint);
  const problems = createProblems({ store, outbox, clock, node, config, newId, repairInFlight });
  const reporter = createReporter({
    store,
    outbox,
    clock,
    config,
    version: deps.version,
    uptimeMs: () => node.uptimeMs(),
    openProblems: () => problems.open().length,
    inventory: deps.inventory,
    log: deps.log("core", "reporter"),
  });
  const evidence = createEvidence({
    store,
    fs: deps.fs,
    clock,
    config,
    newId,
    redact: deps.redact,
    recentSamples: () => reporter.recentSamples(),
    currentTrouble: () => reporter.currentTrouble(),
    log: deps.log("core", "evidence"),
  });
  const verifier = createVerifier({ store, problems, intents, clock, config, lookNow, signal });
  const executor = createExecutor({
    store,
    intents,
    evidence,
    verifier,
    clock,
    bootId: node.bootId,
    config,
    log: deps.log,
    signal,
  });
  const repairer = createRepairer({
    store,
    problems,
    intents,
    executor,
    registry,
    clock,
    node,
    config,
    log: deps.log,
    lockHolder: () => findLockHolder(deps.fs, config().policy.lock_files),
    newId,
    signal,
  });

  return {
    outbox,
    problems,
    intents,
    repairer,
    verifier,
    reporter,
    reconcileDeps: { store, problems, intents, verifier, registry, clock, lookNow, log: deps.log, signal },
    relapsed(problem) {
      const intent = verifier.relapse(problem);
      if (intent === null) return;
      const at = clock.now();
      store.transaction(() => {
        intents.addOutcome(intent.id, {
          step: "watch",
          ok: false,
          summary: `came back: ${problem.summary}`,
          at,
        });
        intents.move(intent.id, "failed", { watchUntil: null });
        const attempt = store.attempts
          .since(problem.fingerprint, intent.createdAt - 1000)
          .find((row) => row.intentId === intent.id);
        if (attempt !== undefined) store.attempts.put({ ...attempt, outcome: "failure" });
      });
    },
    supersedeProposals(problemId) {
      const waiting = store.intents.find({ problemId, state: ["proposed"], limit: 50 });
      for (const intent of waiting) intents.move(intent.id, "superseded", { finishedAt: clock.now() });
    },
    checkpoint() {
      const checkpoint = store.ledger.checkpoint();
      if (checkpoint !== null)
        outbox.publish("checkpoint", { ...checkpoint, at: new Date(checkpoint.at).toISOString() });
    },
    prune() {
      const { retention } = config();
      const now = clock.now();
      store.prune({
        inspectionsBefore: now - retention.inspections,
        problemsBefore: now - retention.problems,
        evidenceBefore: now - retention.evidence,
        maxSpoolRows: retention.spool_rows,
      });
    },
  };
}
