/**
 * The Monitor: takes in what nodes send, knows their state, shows it live and passes commands down. It shares no table
 * with an agent and calls none of its functions: envelopes come in by `connect`, commands leave by `send`.
 */
import { type Clock, defineErrors, type Log } from "cortex";
import { type NodeScope, nodesOf, wholeTree } from "../access/node-scope.ts";
import type { MetricsStore } from "../store/metrics/metrics-store.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import { toIso } from "../wire/envelope.ts";
import type { Downlink, Uplink } from "../wire/link.ts";
import type { ProblemBody } from "../wire/problem.ts";
import { type CheckRuns, createCheckRuns } from "./check-runs.ts";
import { createEffects, type IntentWatch } from "./effects.ts";
import { decisionItemOf } from "./decision-item.ts";
import { createHub, type Hub } from "./hub.ts";
import { createIngest, type Ingest, type Outcome } from "./ingest.ts";
import { autonomyItemOf, type ReportItem, type StatusItem, withNode } from "./items.ts";
import { createNodes, type Nodes } from "./nodes.ts";

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

export interface Monitor {
  /** A node's way in, for a node in the same process; `node` is who it may speak for. */
  connect(node: string): Uplink & { close(): void };
  downlink: Downlink;
  ingest: Ingest;
  nodes: Nodes;
  checkRuns: CheckRuns;
  hub: Hub;
  store: MonitorStore;
  metrics: MetricsStore;
  /** A problem that the Monitor itself has with a node, or its end; merged with what is stored under the same id. */
  raise(node: string, problem: ProblemBody): void;
  /** Resolve what is open on a node that will not be heard any more. */
  closeProblems(node: string, resolution: string): void;
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

export const monitorErrors = defineErrors("monitor", {
  node_unknown: "not_found",
  node_unreachable: "unavailable",
  node_timeout: "timeout",
});

/** Rows a snapshot starts with; everything else is paged over HTTP. */
const SNAPSHOT_ITEMS = 500;
const SNAPSHOT_HISTORY = 100;
const COMMAND_TIMEOUT_MS = 30_000;
/** Signs of life are shown in bundles at this step; changes of state at once. */
const QUIET_MS = 500;
const KEPT_INSPECTIONS = 10_000;
const HOUSEKEEPING_MS = 60_000;
const KEPT_IDEMPOTENCY_MS = 86_400_000;

export function createMonitor(deps: MonitorDeps): Monitor {
  const { clock, log, store, metrics, config } = deps;
  const startedAt = clock.now();
  const handlers = new Map<string, (command: Command) => Promise<CommandResult>>();
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
    connected: (id) => handlers.has(id),
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
  const nameOf = nodes.nameOf;

  const everything = wholeTree(nodes);
  const page = (scope: NodeScope) =>
    nodes.page({ limit: SNAPSHOT_ITEMS, fits: ({ id }) => nodes.isMember(id) && scope.has(id) }).items;
  const hub: Hub = createHub({
    firstSeq: clock.now,
    whole: everything,
    snapshots: {
      nodes: page,
      problems: (scope) =>
        store.problems
          .find({ state: ["open"], nodes: nodes.withoutRevoked(nodesOf(scope)), limit: SNAPSHOT_ITEMS })
          .items.map((row) => withNode(row, nameOf)),
      intents: (scope) =>
        store.intents
          .find({ nodes: nodesOf(scope), limit: SNAPSHOT_HISTORY })
          .items.map((row) => withNode(row, nameOf)),
      decisions: (scope) =>
        store.decisions
          .find({
            state: ["pending"],
            ...(scope.whole ? {} : { nodes: scope.ids() }),
            limit: SNAPSHOT_HISTORY,
          })
          .items.map((decision) => decisionItemOf(decision, store, nameOf)),
      autonomy: (scope) => (scope.whole ? store.autonomy.current().map(autonomyItemOf) : []),
      inspections: (scope) =>
        store.inspections
          .find({ nodes: nodesOf(scope), limit: SNAPSHOT_HISTORY })
          .items.map((row) => withNode(row, nameOf)),
      reports: (scope) =>
        page(scope).flatMap((node): ReportItem[] =>
          node.lastReportAt === null
            ? []
            : [
                {
                  id: node.id,
                  node: node.id,
                  nodeName: node.name,
                  at: node.lastReportAt,
                  results: node.results,
                },
              ],
        ),
      status: (scope) => [status(scope)],
    },
  });

  function status(scope: NodeScope = everything): StatusItem {
    return { id: "status", version: deps.version, startedAt: toIso(startedAt), ...nodes.summary(scope) };
  }

  async function send(node: string, command: Command): Promise<CommandResult> {
    const handler = handlers.get(node);
    if (!nodes.has(node) && !handler)
      throw monitorErrors.node_unknown("no node has this id; see the list of nodes");
    if (!handler)
      throw monitorErrors.node_unreachable(`${nameOf(node)} is not connected; try again when it is online`);
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(COMMAND_TIMEOUT_MS, () =>
        reject(monitorErrors.node_timeout(`${nameOf(node)} did not answer within 30 s; look at its log`)),
      );
    });
    try {
      return await Promise.race([handler(command), late]);
    } finally {
      cancel();
    }
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

  /** Orders what is said about one problem, also within a millisecond. */
  let lastRaised = 0;
  function raise(node: string, problem: ProblemBody): void {
    const before = store.problems.get(problem.id, node)?.body;
    const merged = before
      ? { ...problem, openedAt: before.openedAt, events: [...before.events, ...problem.events].slice(-50) }
      : problem;
    if (!before && problem.state === "resolved") return;
    lastRaised = Math.max(lastRaised + 1, clock.now());
    store.transaction(() => store.problems.put(node, merged, lastRaised));
    nodes.problemsChanged(node);
    show(node, merged);
  }

  const show = (node: string, problem: ProblemBody) =>
    hub.publish("problems", [withNode({ nodeId: node, body: problem }, nameOf)]);

  function closeProblems(node: string, resolution: string): void {
    const at = toIso(clock.now());
    const open = store.problems.find({ node, state: ["open"], limit: 500 }).items;
    store.transaction(() => {
      for (const { body } of open) {
        const events = [...body.events, { at, kind: "resolved", text: resolution }].slice(-50);
        const closed = {
          ...body,
          state: "resolved" as const,
          resolvedAt: at,
          updatedAt: at,
          resolution,
          events,
        };
        // Nothing comes after it: the node does not speak any more.
        store.problems.put(node, closed, Number.MAX_SAFE_INTEGER);
        show(node, closed);
      }
    });
    nodes.problemsChanged(node);
  }

  return {
    raise,
    closeProblems,
    connect(node) {
      return {
        async deliver(envelopes) {
          return { handled: (await ingest.deliver(node, envelopes)).length };
        },
        onCommand(handler) {
          handlers.set(node, handler);
          changed.add(node, true);
        },
        close() {
          handlers.delete(node);
          changed.add(node, true);
        },
      };
    },
    downlink: { send },
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

/** Collects changed nodes: what is urgent is shown at the end of this turn, the rest in bundles. */
function createChangedNodes(clock: Clock, show: (ids: string[]) => void) {
  const waiting = new Set<string>();
  let cancelQuiet: (() => void) | null = null;
  let urgentQueued = false;

  function flush(): void {
    cancelQuiet?.();
    cancelQuiet = null;
    urgentQueued = false;
    const ids = [...waiting];
    waiting.clear();
    if (ids.length > 0) show(ids);
  }

  return {
    add(id: string, urgent: boolean): void {
      waiting.add(id);
      if (urgent && !urgentQueued) {
        urgentQueued = true;
        queueMicrotask(flush);
      } else if (!urgent) cancelQuiet ??= clock.after(QUIET_MS, flush);
    },
    stop(): void {
      cancelQuiet?.();
      waiting.clear();
    },
  };
}
