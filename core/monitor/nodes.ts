/**
 * The nodes a Monitor knows, in memory with a row each in the store: who they are, when they were last heard of, and the
 * state that follows from it. Silence is measured on the monotonic clock, so that a clock step makes nobody late.
 */
import type { Clock } from "cortex";
import type { NodeScope } from "../access/node-scope.ts";
import type { NodePlace } from "../domain/access.ts";
import type { NodeResults } from "../store/monitor/nodes.repository.ts";
import type { NodeRow } from "../store/monitor/nodes.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { HeartbeatBody, ReportBody, WireResult } from "../wire/report.ts";
import { toIso, toIsoOrNull } from "../wire/envelope.ts";
import {
  type MaintenanceItem,
  NODE_STATES,
  type NodeDetail,
  type NodeItem,
  type NodeState,
  type StatusItem,
} from "./items.ts";
import { countResults, mergeResults, metersOf } from "./results.ts";
import { noted, slotAt, slotState, type StateHistory } from "./state-history.ts";

export interface NodesOptions {
  clock: Clock;
  store: MonitorStore;
  /** How often a node says that it lives, ms. */
  heartbeatMs: number;
  /** Missed heartbeats until late and offline. */
  lateAfter: number;
  offlineAfter: number;
  connected: (id: string) => boolean;
  /** A node came, or says another group or other labels: who may see it may have changed. */
  onPlace: (id: string) => void;
  /** What an admin gave a node, above what it says of itself. Default: nothing. */
  assigned?: (id: string) => Assigned | null;
  /** Something to show changed. `urgent`: the state or the problems did, not just a time. */
  onChange: (id: string, urgent: boolean) => void;
}

export interface Assigned {
  name: string | null;
  labels: Record<string, string>;
  group: string | null;
}

interface KnownNode {
  row: NodeRow;
  /** Monotonic ms of the last sign of life. */
  heardAt: number;
  openProblems: { warning: number; critical: number };
  /** Unset until it is looked at for the first time. */
  history?: StateHistory;
}

/** What lists filter by. */
export type NodeTraits = Pick<NodeItem, "id" | "name" | "state" | "labels" | "group" | "tags" | "os">;

/** Where a node stands in the order by name: it outlives the node itself. */
export type Place = Pick<NodeItem, "name" | "id">;

/** Rows of history per look: at the turn of a quarter all of them change, and one large write would hold up everything. */
const HISTORIES_AT_ONCE = 1000;
/** About 20 KB each. */
const RECENT_NODES = 500;
const NO_RESULTS: NodeItem["results"] = { ok: 0, warning: 0, critical: 0, unknown: 0 };

export type Nodes = ReturnType<typeof createNodes>;

export function createNodes(options: NodesOptions) {
  const { clock, store } = options;
  const known = new Map<string, KnownNode>();
  let sorted: KnownNode[] | null = null;

  const openAtStart = new Map<string, { warning: number; critical: number }>();
  for (const { nodeId, severity, count } of store.problems.openCounts()) {
    const open = openAtStart.get(nodeId) ?? { warning: 0, critical: 0 };
    if (severity === "warning" || severity === "critical") open[severity] += count;
    openAtStart.set(nodeId, open);
  }
  // Everybody starts with full grace: that the Monitor was away says nothing about its nodes.
  for (const row of store.nodes.all()) {
    const openProblems = openAtStart.get(row.id) ?? { warning: 0, critical: 0 };
    known.set(row.id, { row, heardAt: clock.monotonic(), openProblems });
  }
  for (const { nodeId, ...history } of store.nodes.histories()) {
    const node = known.get(nodeId);
    if (node) node.history = history;
  }
  /** Nodes whose history is not yet written as it is. */
  const unsavedHistories = new Set<string>();

  /** Results of nodes that reported lately; the others are read when they are asked for. */
  const recent = new Map<string, NodeResults>();
  const unsaved = new Set<string>();
  const resultsFor = (id: string): NodeResults =>
    recent.get(id) ?? store.nodes.results(id) ?? { results: [], skipped: [] };
  function remember(id: string, results: NodeResults): void {
    recent.delete(id);
    recent.set(id, results);
    const oldest = recent.keys().next().value!;
    if (recent.size > RECENT_NODES && !unsaved.has(oldest)) recent.delete(oldest);
  }

  const stateOf = ({ row, openProblems }: KnownNode): NodeState =>
    row.state === "online" && openProblems.warning + openProblems.critical > 0
      ? "degraded"
      : (row.state as NodeState);

  const seenNow = (node: KnownNode): StateHistory =>
    noted(node.history, slotAt(clock.now()), slotState(stateOf(node), node.openProblems.critical));

  /** Keep in the history how the node is now. */
  function look(node: KnownNode): void {
    const history = seenNow(node);
    if (history === node.history) return;
    node.history = history;
    unsavedHistories.add(node.row.id);
  }

  /** A sign of life. Call inside the transaction of what arrived; makes the node known when it is new. */
  function heard(id: string): KnownNode {
    const now = clock.now();
    const node = known.get(id);
    if (node === undefined) {
      const created: KnownNode = {
        row: newRow(id, now),
        heardAt: clock.monotonic(),
        openProblems: { warning: 0, critical: 0 },
      };
      known.set(id, created);
      sorted = null;
      options.onPlace(id);
      options.onChange(id, true);
      return created;
    }
    const back = node.row.state === "late" || node.row.state === "offline";
    node.heardAt = clock.monotonic();
    node.row.lastSeenAt = now;
    if (back) node.row.state = "online";
    options.onChange(id, back);
    return node;
  }

  function traits(node: KnownNode): NodeTraits {
    const { row } = node;
    const { facts } = row;
    return {
      id: row.id,
      name: row.name,
      state: stateOf(node),
      labels: facts?.labels ?? {},
      group: facts?.group ?? null,
      tags: facts?.tags ?? [],
      os: facts?.os ?? null,
    };
  }

  function item(node: KnownNode): NodeItem {
    const { row } = node;
    const { facts } = row;
    return {
      ...traits(node),
      node: row.id,
      nodeName: row.name,
      connected: options.connected(row.id),
      kernel: facts?.kernel ?? null,
      arch: facts?.arch ?? null,
      cpuCount: facts?.cpuCount ?? null,
      memoryBytes: facts?.memoryBytes ?? null,
      version: row.version,
      uptimeSeconds: row.uptimeSeconds,
      repairs: row.repairs,
      openProblems: node.openProblems.warning + node.openProblems.critical,
      problems: node.openProblems,
      worst: worstOf(node),
      results: row.summary?.results ?? NO_RESULTS,
      metrics: row.summary?.metrics ?? {},
      history: node.history ?? seenNow(node),
      spooled: row.spooled,
      firstSeenAt: toIso(row.firstSeenAt),
      lastSeenAt: toIso(row.lastSeenAt),
      lastReportAt: toIsoOrNull(row.lastReportAt),
    };
  }

  /** Who else goes by this name; null when nobody does. */
  function bearerOf(name: string, except: string): string | null {
    const wanted = name.toLowerCase();
    for (const [id, { row }] of known)
      if (id !== except && row.state !== "revoked" && row.name.toLowerCase() === wanted) return id;
    return null;
  }

  const inOrder = (): KnownNode[] =>
    (sorted ??= [...known.values()].sort((a, b) => comparePlaces(a.row, b.row)));

  function maintenance(id: string): MaintenanceItem[] {
    const row = known.get(id)?.row;
    return (row?.facts?.maintenance ?? []).map((window) => ({ ...window, node: id, nodeName: row!.name }));
  }

  return {
    has: (id: string) => known.has(id),
    /** Of the fleet: not those that wait to be let in or were sent away. */
    ids: () => [...known].flatMap(([id, { row }]) => (isMember(row) ? [id] : [])),
    /** What scopes look at; null for a node that is not known. */
    place(id: string): NodePlace | null {
      const row = known.get(id)?.row;
      return row ? { id, labels: row.facts?.labels ?? {}, group: row.facts?.group ?? null } : null;
    },
    nameOf: (id: string) => known.get(id)?.row.name ?? id,
    resultsOf: (id: string) => known.get(id)?.row.summary?.results ?? NO_RESULTS,
    item(id: string): NodeItem | null {
      const node = known.get(id);
      return node ? item(node) : null;
    },
    /** Counts over the nodes in scope, without building their items. */
    summary(scope: NodeScope): Pick<StatusItem, "nodes" | "openProblems" | "repairs"> {
      const states = Object.fromEntries(NODE_STATES.map((state) => [state, 0])) as Record<NodeState, number>;
      const openProblems = { warning: 0, critical: 0 };
      let on = 0;
      let off = 0;
      for (const node of known.values()) {
        if (!scope.whole && !scope.has(node.row.id)) continue;
        states[stateOf(node)] += 1;
        if (!isMember(node.row)) continue;
        openProblems.warning += node.openProblems.warning;
        openProblems.critical += node.openProblems.critical;
        if (node.row.repairs === true) on += 1;
        else if (node.row.repairs === false) off += 1;
      }
      const repairs = on > 0 && off > 0 ? "mixed" : on > 0 ? "on" : off > 0 ? "off" : null;
      return { nodes: states, openProblems, repairs };
    },
    /** The nodes in scope by name. */
    items: (scope: NodeScope): NodeItem[] =>
      inOrder()
        .filter((node) => scope.has(node.row.id))
        .map(item),
    /** Those that fit, by name, from behind a place on; `next` is the place of the last one when there are more. */
    page(wanted: { limit: number; after?: Place; fits?: (node: NodeTraits) => boolean }): {
      items: NodeItem[];
      next: Place | null;
    } {
      const { limit, after, fits = () => true } = wanted;
      const nodes = inOrder();
      const items: NodeItem[] = [];
      for (let index = after ? firstBehind(nodes, after) : 0; index < nodes.length; index += 1) {
        const node = nodes[index]!;
        if (!fits(traits(node))) continue;
        if (items.length === limit) return { items, next: items.at(-1) ?? null };
        items.push(item(node));
      }
      return { items, next: null };
    },
    detail(id: string): NodeDetail | null {
      const node = known.get(id);
      if (!node) return null;
      const stored = resultsFor(id);
      return {
        ...item(node),
        bootId: node.row.facts?.bootId ?? null,
        latest: stored.results,
        skipped: stored.skipped,
        maintenance: maintenance(id),
      };
    },
    maintenance,
    heard,
    bearerOf,
    /** Part of the fleet: let in, and not sent away again. */
    isMember(id: string): boolean {
      const node = known.get(id);
      return node !== undefined && isMember(node.row);
    },
    /** What enrolment says about a node. Inside the transaction; a node that is heard stays online. */
    enrolled(id: string, name: string, state: "pending" | "offline" | "quarantined" | "revoked"): void {
      const node = known.get(id) ?? {
        row: newRow(id, clock.now()),
        heardAt: clock.monotonic(),
        openProblems: { warning: 0, critical: 0 },
      };
      const isNew = !known.has(id);
      if (!isNew && state === "offline" && ["online", "late"].includes(node.row.state)) return;
      known.set(id, node);
      if (isNew) options.onPlace(id);
      node.row.state = state;
      node.row.name = name;
      sorted = null;
      store.nodes.put(node.row);
      options.onChange(id, true);
    },
    /** It was never let in. Inside the transaction. */
    forget(id: string): void {
      const node = known.get(id);
      if (!node) return;
      known.delete(id);
      sorted = null;
      store.nodes.remove(id);
      options.onChange(id, true);
    },
    heartbeat(id: string, body: HeartbeatBody, position: number): void {
      const { row } = heard(id);
      if (position !== 0 && position < row.heartbeatPos) return;
      const switched = row.repairs !== body.repairs;
      row.heartbeatPos = Math.max(row.heartbeatPos, position);
      row.repairs = body.repairs;
      row.uptimeSeconds = body.uptimeSeconds;
      row.spooled = body.spooled;
      row.version = body.version;
      if (switched) options.onChange(id, true);
    },
    /** Newest results, merged over what the checks that did not run again said before. */
    report(id: string, body: ReportBody, position: number): void {
      const { row } = heard(id);
      const at = Date.parse(body.at);
      const late =
        position === 0 ? row.lastReportAt !== null && at < row.lastReportAt : position < row.reportPos;
      if (late) return;
      row.reportPos = Math.max(row.reportPos, position);
      row.lastReportAt = at;
      const merged: WireResult[] = mergeResults(resultsFor(id).results, body.results);
      remember(id, { results: merged, skipped: body.skipped });
      unsaved.add(id);
      row.summary = { results: countResults(merged), metrics: metersOf(merged) };
    },
    inventory(id: string, body: InventoryBody, position: number): boolean {
      const { row } = heard(id);
      if (position !== 0 && position < row.inventoryPos) return false;
      const { checks, repairs, plugins, ...said } = body;
      const assigned = options.assigned?.(id) ?? null;
      const name = assigned?.name ?? body.name;
      // A node that joined can't rename itself to another: it is told apart by the beginning of its id.
      const isTaken = assigned !== null && name !== row.name && bearerOf(name, id) !== null;
      const shown = isTaken ? `${name} (${id.slice(2, 8)})` : name;
      const facts = assigned === null ? said : withAssigned({ ...said, name }, assigned);
      const moved = row.facts?.group !== facts.group || !sameLabels(row.facts?.labels, facts.labels);
      row.inventoryPos = Math.max(row.inventoryPos, position);
      row.facts = facts;
      if (moved) options.onPlace(id);
      row.version = body.version;
      if (row.name !== shown) sorted = null;
      row.name = shown;
      store.inventory.replace(id, "check", checks);
      store.inventory.replace(id, "repair", repairs);
      store.inventory.replace(id, "plugin", plugins);
      options.onChange(id, true);
      return true;
    },
    /** Count a node's open problems again after one changed. */
    problemsChanged(id: string): void {
      const node = known.get(id);
      if (!node) return;
      node.openProblems = store.problems.degrading(id);
      look(node);
      options.onChange(id, true);
    },
    /** Write what changed of a node; once per transaction, however many messages it brought. */
    save(id: string): void {
      const node = known.get(id);
      if (!node) return;
      store.nodes.put(node.row);
      if (unsaved.delete(id)) store.nodes.putResults(id, resultsFor(id));
    },
    /** Who has been silent for too long; returns the nodes whose state changed. */
    judgeSilence(): string[] {
      const changed: string[] = [];
      const now = clock.monotonic();
      for (const [id, node] of known) {
        const silentMs = now - node.heardAt;
        const { state } = node.row;
        if (state === "online" && silentMs > options.heartbeatMs * options.lateAfter) node.row.state = "late";
        if (node.row.state === "late" && silentMs > options.heartbeatMs * options.offlineAfter)
          node.row.state = "offline";
        look(node);
        if (node.row.state === state) continue;
        changed.push(id);
        options.onChange(id, true);
      }
      return changed;
    },
    /** Call inside a transaction, after each look at who is silent. */
    saveHistories(): void {
      let left = HISTORIES_AT_ONCE;
      for (const id of unsavedHistories) {
        if (left-- === 0) return;
        unsavedHistories.delete(id);
        const history = known.get(id)?.history;
        if (history) store.nodes.putHistory(id, history);
      }
    },
    hasHistories: () => unsavedHistories.size > 0,
    /** The Monitor itself stood still for this long: nobody was silent meanwhile. */
    forgive(ms: number): void {
      for (const node of known.values()) node.heardAt += ms;
    },
  };
}

function worstOf({ row, openProblems }: KnownNode): NodeItem["worst"] {
  if (row.state !== "online") return "unknown";
  return openProblems.critical > 0 ? "critical" : openProblems.warning > 0 ? "warning" : "ok";
}

const sameLabels = (a: Record<string, string> = {}, b: Record<string, string> = {}): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);

/** Waiting and revoked nodes are listed, but they are no part of how the fleet stands. */
const isMember = ({ state }: NodeRow): boolean => state !== "pending" && state !== "revoked";

const withAssigned = <F extends Pick<InventoryBody, "labels" | "group">>(facts: F, given: Assigned): F => ({
  ...facts,
  labels: { ...facts.labels, ...given.labels },
  group: given.group ?? facts.group,
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const comparePlaces = (a: Place, b: Place): number => compare(a.name, b.name) || compare(a.id, b.id);

/** Index of the first one that comes after the place. */
function firstBehind(nodes: readonly KnownNode[], place: Place): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePlaces(nodes[middle]!.row, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function newRow(id: string, now: number): NodeRow {
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
