/** Puts the parts of deciding together. */
import type { Clock, Decider, Log } from "cortex";
import type { Decision } from "../domain/decide/decision.ts";
import type { PolicyDocument } from "../domain/decide/policy.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { DecidingKey } from "../store/deciding-key.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { AutonomyGrant } from "../store/monitor/autonomy.schema.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { Downlink } from "../wire/link.ts";
import { type Backtest, runBacktest } from "./backtest.ts";
import { createLearning, type Learning } from "./learning.ts";
import { type AutonomyGrants, createAutonomy } from "./autonomy.ts";
import type { DecideConfig } from "./config.ts";
import { createDecisions, type Decisions } from "./decisions.ts";
import { createEvaluations, type Evaluations } from "./evaluations.ts";
import { createEvaluator } from "./evaluate.ts";
import { createJudging, type Judging } from "./judging.ts";
import { createPolicy, type Policy } from "./policy.ts";
import { createKeyDelivery, type KeyDelivery } from "./key-delivery.ts";
import type { DecisionSigner } from "./records.ts";
import { createStandingDelivery } from "./standing-delivery.ts";
import { createWorld, type World } from "./world.ts";

export interface Decide {
  decisions: Decisions;
  autonomy: AutonomyGrants;
  keys: Pick<KeyDelivery, "forget" | "told">;
  /** The signer has a new key: nodes are told, and what is in force is signed anew. */
  keyChanged(): void;
  /** Inside the transaction that stores what a node says of an intent, and after it. */
  intents: { noticed(node: string, intent: IntentBody): void; settle(): void };
  start(): void;
  stop(): Promise<void>;
  policy: Policy;
  judging: Judging;
  world: World;
  /** What a policy would have decided since then, epoch ms; page by page from a cursor on, null for the first. */
  backtest(policy: PolicyDocument, since: number, cursor?: string | null): Backtest;
  learning: Learning;
  evaluations: Evaluations;
}

export interface DecideDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  nodes: Nodes;
  downlink: Downlink;
  signer: DecisionSigner & Pick<DecidingKey, "links">;
  judges: () => readonly Decider[];
  /** Default: what passed the evaluation in its present form. */
  isProven?: (decider: string, model: string) => boolean;
  config: () => DecideConfig;
  newId: () => string;
  newNonce: () => string;
  changed: (decision: Decision) => void;
  /** A grant of autonomy came or went. */
  autonomyChanged?: (grant: AutonomyGrant) => void;
  /** Known secrets of this Monitor, before anything goes to a judge. */
  redact?: (text: string) => string;
}

export function createDecide(deps: DecideDeps): Decide {
  const world = createWorld(deps);
  const policy = createPolicy(deps);
  const evaluations = createEvaluations(deps);
  const judging = createJudging({
    ...deps,
    isProven: deps.isProven ?? evaluations.isProven,
    calls: deps.store.decisions.judgeCalls,
    config: () => deps.config().judge,
  });
  const evaluator = createEvaluator({ ...deps, world, policy, judging });
  const keys = createKeyDelivery({ ...deps, links: () => deps.signer.links() });
  const isKeyToldTo = keys.isToldTo;
  const decisions = createDecisions({ ...deps, world, evaluator, policy, isKeyToldTo });
  let isStale = false;
  const autonomy = createAutonomy({
    ...deps,
    world,
    changed(grant) {
      isStale = true;
      deps.autonomyChanged?.(grant);
      // Documents are written outside the transaction in which the grant changed.
      queueMicrotask(settleAutonomy);
    },
  });
  const standings = createStandingDelivery({ ...deps, grants: autonomy, isKeyToldTo });
  function settleAutonomy(): void {
    if (!isStale) return;
    isStale = false;
    standings.refresh();
  }
  return {
    autonomy,
    keys,
    keyChanged() {
      keys.tellAll();
      standings.refresh();
    },
    intents: {
      noticed(node, intent) {
        world.noticed(node, intent);
        decisions.noticed(node, intent);
        autonomy.noticed(node, intent);
      },
      settle: () => decisions.settle(),
    },
    start() {
      keys.start();
      decisions.start();
      standings.start();
    },
    async stop() {
      await Promise.all([keys.stop(), decisions.stop(), standings.stop()]);
    },
    backtest: (candidate, since, cursor) =>
      runBacktest({ ...deps, world }, { candidate, inForce: policy.current().document }, since, cursor),
    learning: createLearning({ ...deps, world, policy }),
    world,
    policy,
    judging,
    evaluations,
    decisions,
  };
}
