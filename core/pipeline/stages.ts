/** Builds the stages of one agent and what joins them. */
import type { Clock, HostFs, Log, NodeFacts, Result } from "cortex";
import type { Config } from "../config/schema.ts";
import type { ProblemRecord, TimeMark } from "../domain/problem.ts";
import type { Registry } from "../host/registry.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { Uplink } from "../wire/link.ts";
import { type Approvals, createApprovals } from "./trust/approvals.ts";
import type { TrustStore } from "./trust/trust-store.ts";
import { createEvidence } from "./act/evidence.ts";
import { createExecutor } from "./act/executor.ts";
import { HEALED_CHECK, healedTooOften } from "./watch/healed.ts";
import { createInFlight } from "./propose/in-flight.ts";
import { createIntents, type Intents } from "./intents.ts";
import { fitInventory, INVENTORY_CHECK, inventoryResult } from "./report/inventory-fit.ts";
import { createJudge } from "./propose/judge.ts";
import { createLaws } from "./propose/laws.ts";
import { findLockHolder } from "./propose/locks.ts";
import { createOutbox, type Outbox } from "./report/outbox.ts";
import { createProblems, type Problems } from "./watch/problems.ts";
import type { ResultSource } from "./watch/track-rules.ts";
import { createReconciler, type Reconciler } from "./act/reconcile.ts";
import { createRelapse } from "./act/relapse.ts";
import { createShowUse } from "./propose/show-use.ts";
import { createRepairer, type Repairer } from "./propose/repairer.ts";
import { createReporter, type Reporter } from "./report/reporter.ts";
import type { RootHelper } from "./act/root-helper.ts";
import { createStanding, type StandingApprovals } from "./trust/standing.ts";
import { createUndo } from "./act/undo.ts";
import { createUnknown } from "./act/unknown.ts";
import { createVerifier, type Look } from "./act/verifier.ts";

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
  /** Who may decide for this node. */
  trust: TrustStore;
  /** Absent where nothing is ever done as root by another process. */
  rootHelper?: RootHelper;
  /** Files of Cortex itself. */
  ownPaths?: readonly string[];
  /** Number of this start of the program. */
  epoch: () => number;
  version: string;
  newId: () => string;
  /** 0 ≤ x < 1, for jitter. */
  random: () => number;
  redact: (text: string) => string;
  log: (plugin: string, instance: string) => Log;
  recordCall: (plugin: string, instance: string, error: string | null) => void;
  inventory: () => InventoryBody;
  /** Instances that the host runs or tries to run. */
  plugins: () => readonly { name: string; instance: string; state: string }[];
}

export interface Stages {
  outbox: Outbox;
  problems: Problems;
  intents: Intents;
  repairer: Repairer;
  reporter: Reporter;
  reconciler: Reconciler;
  approvals: Approvals;
  standing: StandingApprovals;
  /**
   * One run's results: problems open and end, repairs that did not hold are failed, void proposals withdrawn, in one
   * transaction; then repairs are considered. Milliseconds until the next confirmation or clearing is due, or null.
   */
  digest(source: ResultSource, results: Result[], complete: boolean): number | null;
  /** The same for "healed too often", which is counted here. */
  digestHealed(): void;
  checkpoint(): void;
  prune(): void;
}

/** Well past the life of any approval, whatever the clocks of two machines say. */
const KEPT_NONCES_MS = 7 * 86_400_000;

/** Checks of the engine itself: no plugin that could be removed stands behind them. */
export const OWN_CHECKS: readonly string[] = [HEALED_CHECK, INVENTORY_CHECK];

/** A check of the engine itself. */
const own = (check: string): ResultSource => ({
  check,
  instance: "default",
  nature: "fact",
  intervalMs: 0,
  confirmMs: 0,
});

export interface StageLinks {
  signal: AbortSignal;
  lookNow: (problem: ProblemRecord) => Promise<Look>;
}

export function createStages(deps: AgentDeps, links: StageLinks): Stages {
  const { store, clock, node, registry, config } = deps;
  const mark = (): TimeMark => ({ wall: clock.now(), mono: clock.monotonic(), bootId: node.bootId });
  const outbox = createOutbox({ ...deps, log: deps.log("core", "outbox"), nodeId: node.id });
  const changed = () => {
    reporter.inventoryNow();
    repairer.considerAll();
  };
  const standing = createStanding({ ...deps, mark, changed });
  const intents = createIntents(store, outbox, mark, deps.redact, (before, after) => {
    if (standing.moved(before, after)) reporter.inventoryChanged();
  });
  const underRepair = () => new Set(store.attempts.running().map((attempt) => attempt.problemFingerprint));
  const problems = createProblems({ ...deps, outbox, underRepair });
  const reporter = createReporter({
    ...deps,
    outbox,
    uptimeMs: () => node.uptimeMs(),
    openProblems: () => problems.open().length,
    confirming: problems.confirming,
    inventory: fitting,
    log: deps.log("core", "reporter"),
  });
  const evidence = createEvidence({
    ...deps,
    recentSamples: () => reporter.recentSamples(),
    currentTrouble: () => reporter.currentTrouble(),
    log: deps.log("core", "evidence"),
  });
  const lockHolder = () => findLockHolder(deps.fs, config().policy.lock_files);
  const laws = createLaws(deps);
  const shared = { ...deps, ...links, mark, outbox, intents, problems, lockHolder, laws };
  const inFlight = createInFlight(store);
  const unknown = createUnknown(shared);
  const undo = createUndo({ ...shared, inFlight });
  const judge = createJudge({ ...shared, registry, standing });
  const showUse = createShowUse({ ...shared, judge });
  const verifier = createVerifier({ ...shared, judge });
  const acting = { ...shared, inFlight, unknown, undo, verifier, judge, showUse };
  const relapse = createRelapse(acting);
  const executor = createExecutor({ ...acting, evidence, bootId: node.bootId });
  const repairer = createRepairer({ ...acting, executor });
  const approvals = createApprovals({
    ...acting,
    executor,
    consider: (problemId) => repairer.consider(problemId),
  });
  const reconciler = createReconciler({ ...acting, relapse });

  let told: string | null = null;
  /** The inventory as the Monitor takes it; that something was left out is a problem for as long as it is so. */
  function fitting(): InventoryBody {
    const fitted = fitInventory(deps.inventory());
    const result = inventoryResult(fitted);
    if (result.summary !== told) digest(own(INVENTORY_CHECK), [result], true);
    told = result.summary;
    return fitted.body;
  }

  /** A problem ended by itself: what was proposed for it is void. */
  function supersedeProposals(problemId: string): void {
    const waiting = store.intents.find({ problemId, state: ["proposed"], limit: 50 });
    for (const intent of waiting) intents.move(intent.id, "superseded", { finishedAt: clock.now() });
  }

  function digest(source: ResultSource, results: Result[], complete: boolean): number | null {
    const { bad, pendingMs, relapsed } = problems.together(() => {
      const changes = problems.observe(source, results, { complete });
      for (const problem of changes.resolved) supersedeProposals(problem.id);
      return { ...changes, relapsed: changes.opened.flatMap((problem) => relapse.noted(problem)) };
    });
    // What did not hold is taken back before anything new is tried on it.
    if (relapsed.length > 0) void relapse.takeBack(relapsed);
    for (const problem of bad) void repairer.consider(problem.id);
    return pendingMs;
  }

  return {
    outbox,
    problems,
    intents,
    repairer,
    reporter,
    reconciler,
    approvals,
    standing,
    digest,
    digestHealed() {
      const results = healedTooOften(store, config(), mark());
      digest(own(HEALED_CHECK), results, true);
    },
    checkpoint() {
      const checkpoint = store.ledger.checkpoint();
      if (checkpoint !== null)
        outbox.publish("checkpoint", { ...checkpoint, at: new Date(checkpoint.at).toISOString() });
    },
    prune() {
      const { retention } = config();
      const now = clock.now();
      store.approvals.forget(now - KEPT_NONCES_MS);
      store.prune({
        inspectionsBefore: now - retention.inspections,
        problemsBefore: now - retention.problems,
        evidenceBefore: now - retention.evidence,
        maxSpoolRows: retention.spool_rows,
      });
    },
  };
}
