/**
 * The Monitor: takes in what nodes send, knows their state, shows it live and passes commands down. It shares no table
 * with an agent and calls none of its functions: envelopes come in by `connect`, commands leave by `send`.
 */
import type { Clock, Log } from "cortex";
import { type NodeScope, wholeTree } from "../access/node-scope.ts";
import type { MetricsStore } from "../store/metrics/metrics-store.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { toIso } from "../wire/envelope.ts";
import type { Downlink, Uplink } from "../wire/link.ts";
import { createChangedNodes } from "./changed-nodes.ts";
import { type CheckRuns, createCheckRuns } from "./check-runs.ts";
import { createConnections } from "./connections.ts";
import { createEffects, type IntentWatch } from "./effects.ts";
import { createHub, type Hub } from "./hub.ts";
import { createIngest, type Ingest, type Outcome } from "./ingest.ts";
import type { StatusItem } from "./items.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import { createOwnProblems, type OwnProblems } from "./own-problems.ts";
import { createSnapshots } from "./snapshots.ts";

export interface MonitorDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  metrics: MetricsStore;
  version: string;
  /** Told of every intent that changed; decisions are made of it. */
  intents?: IntentWatch;
  config: {
    /** Heartbeat interval, ms, and how many may be missed: `link.*` of the config. */
    heartbeatMs: number;
    lateAfter: number;
    offlineAfter: number;
    /** Resolved problems are kept this long, ms: `retention.problems`. */
    keepProblemsMs: number;
  };
}

export interface Monitor extends OwnProblems {
  /** A node's way in, for a node in the same process; `node` is who it may speak for. */
  connect(node: string): Uplink & { close(): void };
  downlink: Downlink;
  ingest: Ingest;
  nodes: Nodes;
  checkRuns: CheckRuns;
  hub: Hub;
  store: MonitorStore;
  metrics: MetricsStore;
  /** Counts over the nodes in scope; of all without one. */
  status(scope?: NodeScope): StatusItem;
  counters(): Counters;
  start(): void;
  stop(): void;
}

/** Counted since the start, for `/metrics`. */
export interface Counters {
  messages: Record<Outcome, number>;
  commits: number;
  /** Intents by the state they entered. */
  intents: Record<string, number>;
  /** Finished runs of checks by outcome. */
  checkRuns: Record<string, number>;
  /** Batches whose history could not be kept. */
  lost: Record<string, number>;
}

const KEPT_INSPECTIONS = 10_000;
const HOUSEKEEPING_MS = 60_000;
const KEPT_IDEMPOTENCY_MS = 86_400_000;

export function createMonitor(deps: MonitorDeps): Monitor {
  const { clock, log, store, metrics, config } = deps;
  const startedAt = clock.now();
  const connections = createConnections(clock, () => nodes);
  const changed = createChangedNodes(clock, (ids) => {
    const members = ids.filter(nodes.isMember);
    const gone = ids.filter((id) => !nodes.isMember(id));
    hub.publish(
      "nodes",
      members.flatMap((id) => nodes.item(id) ?? []),
      gone.map((id) => ({ id, node: id })),
    );
    hub.refresh("status");
  });
  const nodes = createNodes({
    clock,
    store,
    ...config,
    connected: connections.has,
    assigned: (id) => {
      const row = store.enrolment.nodes.get(id);
      return row && { name: row.fixedName, labels: row.labels, group: row.group };
    },
    onChange: changed.add,
    onPlace: (id) => hub.placeChanged(id),
  });
  const checkRuns = createCheckRuns();
  const effects = createEffects({
    store,
    nodes,
    metrics,
    checkRuns,
    log,
    hub: () => hub,
    ...(deps.intents === undefined ? {} : { intents: deps.intents }),
  });
  const ingest = createIngest({ clock, log, store, effects });
  const everything = wholeTree(nodes);
  const hub: Hub = createHub({
    firstSeq: clock.now,
    whole: everything,
    snapshots: createSnapshots({ store, nodes, status: (scope) => status(scope) }),
  });

  function status(scope: NodeScope = everything): StatusItem {
    return { id: "status", version: deps.version, startedAt: toIso(startedAt), ...nodes.summary(scope) };
  }

  /** Short enough to see a missed heartbeat soon, long enough to cost nothing. */
  const stepMs = Math.min(5000, Math.max(250, config.heartbeatMs / 10));
  let cancelTick = () => {};
  let lastTick = clock.monotonic();
  let sinceHousekeeping = 0;
  function tick(): void {
    const now = clock.monotonic();
    const elapsed = now - lastTick;
    // The loop was stopped (suspended machine, stalled process): silence in that time is the Monitor's own.
    if (elapsed > stepMs + config.heartbeatMs) nodes.forgive(elapsed - stepMs);
    lastTick = now;
    const silent = nodes.judgeSilence();
    if (silent.length > 0 || nodes.hasHistories())
      store.transaction(() => {
        silent.forEach((id) => nodes.save(id));
        nodes.saveHistories();
      });
    sinceHousekeeping += elapsed;
    if (sinceHousekeeping >= HOUSEKEEPING_MS) {
      sinceHousekeeping = 0;
      tidy();
    }
    cancelTick = clock.after(stepMs, tick);
  }

  function tidy(): void {
    const now = clock.now();
    store.transaction(() => {
      store.inspections.prune(KEPT_INSPECTIONS);
      store.problems.removeResolvedBefore(now - config.keepProblemsMs);
      store.inbox.removeKeysBefore(now - KEPT_IDEMPOTENCY_MS);
    });
  }

  return {
    ...createOwnProblems({ clock, store, nodes, hub }),
    connect(node) {
      return {
        async deliver(envelopes) {
          return { handled: (await ingest.deliver(node, envelopes)).length };
        },
        onCommand(handler) {
          connections.open(node, handler);
          changed.add(node, true);
        },
        close() {
          connections.close(node);
          changed.add(node, true);
        },
      };
    },
    downlink: connections,
    ingest,
    nodes,
    checkRuns,
    hub,
    store,
    metrics,
    status,
    counters() {
      const { commits, ...messages } = ingest.counters;
      return { messages, commits, ...effects.counters };
    },
    start() {
      lastTick = clock.monotonic();
      cancelTick = clock.after(stepMs, tick);
    },
    stop() {
      cancelTick();
      changed.stop();
    },
  };
}
