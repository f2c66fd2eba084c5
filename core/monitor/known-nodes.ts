/** The nodes in memory, a row each in the store, in the order by name. */
import type { Clock } from "cortex";
import type { NodeRow } from "../store/monitor/nodes.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { NodeItem, OpenBySeverity } from "./items.ts";
import type { NodeState } from "./node-state.ts";
import type { StateHistory } from "./state-history.ts";

export interface KnownNode {
  row: NodeRow;
  /** Monotonic ms of the last sign of life. */
  heardAt: number;
  openProblems: OpenBySeverity;
  /** Of those, how many wait for a person. */
  waiting: number;
  /** Unset until it is looked at for the first time. */
  history?: StateHistory;
}

/** Where a node stands in the order by name: it outlives the node itself. */
export type Place = Pick<NodeItem, "name" | "id">;

export interface KnownNodes {
  get(id: string): KnownNode | undefined;
  has(id: string): boolean;
  all(): IterableIterator<KnownNode>;
  /** Makes it known now, with what a new row says. */
  create(id: string): KnownNode;
  remove(id: string): void;
  inOrder(): readonly KnownNode[];
  /** A name changed. */
  resort(): void;
}

const NONE_OPEN: OpenBySeverity = { observe: 0, info: 0, warning: 0, critical: 0 };

export function createKnownNodes({ clock, store }: { clock: Clock; store: MonitorStore }): KnownNodes {
  const known = new Map<string, KnownNode>();
  let sorted: KnownNode[] | null = null;

  const openAtStart = new Map<string, OpenBySeverity>();
  for (const { nodeId, severity, count } of store.problems.openCounts()) {
    const open = openAtStart.get(nodeId) ?? { ...NONE_OPEN };
    open[severity as keyof OpenBySeverity] += count;
    openAtStart.set(nodeId, open);
  }
  const waitingAtStart = new Map(
    store.problems.waitingCounts().map(({ nodeId, count }) => [nodeId, count] as const),
  );
  // Everybody starts with full grace: that the Monitor was away says nothing about its nodes.
  for (const row of store.nodes.all()) {
    const openProblems = openAtStart.get(row.id) ?? { ...NONE_OPEN };
    known.set(row.id, {
      row,
      heardAt: clock.monotonic(),
      openProblems,
      waiting: waitingAtStart.get(row.id) ?? 0,
    });
  }
  for (const { nodeId, ...history } of store.nodes.histories()) {
    const node = known.get(nodeId);
    if (node) node.history = history;
  }

  return {
    get: (id) => known.get(id),
    has: (id) => known.has(id),
    all: () => known.values(),
    create(id) {
      const created: KnownNode = {
        row: newRow(id, clock.now()),
        heardAt: clock.monotonic(),
        openProblems: { ...NONE_OPEN },
        waiting: 0,
      };
      known.set(id, created);
      sorted = null;
      return created;
    },
    remove(id) {
      known.delete(id);
      sorted = null;
    },
    inOrder: () => (sorted ??= [...known.values()].sort((a, b) => comparePlaces(a.row, b.row))),
    resort() {
      sorted = null;
    },
  };
}

export const stateOf = ({ row, openProblems }: KnownNode): NodeState =>
  row.state === "online" && openProblems.warning + openProblems.critical > 0
    ? "degraded"
    : (row.state as NodeState);

/** Whether it ever spoke since it was let in; its request to join does not count. */
export const wasHeard = ({ lastReportAt, version }: NodeRow): boolean =>
  lastReportAt !== null || version !== null;

/** Waiting and revoked nodes are listed, but they are no part of how the fleet stands. */
export const isMember = ({ state }: NodeRow): boolean => state !== "pending" && state !== "revoked";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const comparePlaces = (a: Place, b: Place): number => compare(a.name, b.name) || compare(a.id, b.id);

/** Index of the first one that comes after the place. */
export function firstBehind(nodes: readonly KnownNode[], place: Place): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePlaces(nodes[middle]!.row, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A node of which nothing is known but its id. */
export function newRow(id: string, now: number): NodeRow {
  return {
    id,
    name: id,
    state: "online",
    firstSeenAt: now,
    lastSeenAt: now,
    lastReportAt: null,
    repairs: null,
    uptimeSeconds: null,
    spooled: null,
    version: null,
    heartbeatPos: 0,
    reportPos: 0,
    inventoryPos: 0,
    facts: null,
    summary: null,
  };
}
