/**
 * The nodes a Monitor knows, in memory with a row each in the store: who they are, when they were last heard of, and the
 * state that follows from it. Silence is measured on the monotonic clock, so that a clock step makes nobody late.
 */
import type { Clock } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { InventoryBody } from "../wire/inventory.ts";
import type { HeartbeatBody, ReportBody, WireResult } from "../wire/report.ts";
import { createKnownNodes, isMember, type KnownNode, wasHeard } from "./known-nodes.ts";
import { createNodeHistories } from "./node-histories.ts";
import { createKnownResults } from "./node-results.ts";
import { createNodeViews } from "./node-views.ts";
import { confirmingOf, countResults, mergeResults, metersOf } from "./results.ts";

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

export type Nodes = ReturnType<typeof createNodes>;

export function createNodes(options: NodesOptions) {
  const { clock, store } = options;
  const known = createKnownNodes(options);
  const results = createKnownResults(store);
  const histories = createNodeHistories(options, known);
  const views = createNodeViews(known, results, histories, options.connected);

  /** A sign of life. Call inside the transaction of what arrived; makes the node known when it is new. */
  function heard(id: string): KnownNode {
    const node = known.get(id);
    if (node === undefined) {
      const created = known.create(id);
      options.onPlace(id);
      options.onChange(id, true);
      return created;
    }
    const back = SILENT_STATES.has(node.row.state);
    node.heardAt = clock.monotonic();
    node.row.lastSeenAt = clock.now();
    if (back) node.row.state = "online";
    options.onChange(id, back);
    return node;
  }

  /** Who else goes by this name; null when nobody does. */
  function bearerOf(name: string, except: string): string | null {
    const wanted = name.toLowerCase();
    for (const { row } of known.all())
      if (row.id !== except && row.state !== "revoked" && row.name.toLowerCase() === wanted) return row.id;
    return null;
  }

  return {
    has: (id: string) => known.has(id),
    ...views,
    heard,
    bearerOf,
    /** Part of the fleet: let in, and not sent away again. */
    isMember(id: string): boolean {
      const node = known.get(id);
      return node !== undefined && isMember(node.row);
    },
    /** A filter of lists (undefined: all nodes) without those that were sent away. */
    withoutRevoked(ids: string[] | undefined): string[] | undefined {
      const all = [...known.all()].map(({ row }) => row);
      if (all.every(({ state }) => state !== "revoked")) return ids;
      const left = new Set(all.filter(({ state }) => state !== "revoked").map(({ id }) => id));
      return ids?.filter((id) => left.has(id)) ?? [...left];
    },
    /** What enrolment says about a node. Inside the transaction; a node that is heard stays online. */
    enrolled(id: string, name: string, state: "pending" | "offline" | "quarantined" | "revoked"): void {
      const earlier = known.get(id);
      if (earlier && state === "offline" && ["online", "late"].includes(earlier.row.state)) return;
      const node = earlier ?? known.create(id);
      if (!earlier) options.onPlace(id);
      const isNew = state === "offline" && !wasHeard(node.row);
      node.row.state = isNew ? "unheard" : state;
      // Its grace begins when it is let in, however long it waited for that.
      if (isNew) node.heardAt = clock.monotonic();
      node.row.name = name;
      known.resort();
      store.nodes.put(node.row);
      options.onChange(id, true);
    },
    /** It was never let in. Inside the transaction. */
    forget(id: string): void {
      if (!known.has(id)) return;
      known.remove(id);
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
      const merged: WireResult[] = mergeResults(results.of(id).results, body.results);
      results.set(id, { results: merged, skipped: body.skipped });
      row.summary = {
        results: countResults(merged),
        metrics: metersOf(merged),
        confirming: confirmingOf(merged),
      };
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
      if (row.name !== shown) known.resort();
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
      node.openProblems = store.problems.openOf(id);
      node.waiting = store.problems.waitingOf(id);
      histories.look(node);
      options.onChange(id, true);
    },
    /** Write what changed of a node; once per transaction, however many messages it brought. */
    save(id: string): void {
      const node = known.get(id);
      if (!node) return;
      store.nodes.put(node.row);
      results.save(id);
    },
    /** Who has been silent for too long; returns the nodes whose state changed. */
    judgeSilence(): string[] {
      const changed: string[] = [];
      const now = clock.monotonic();
      for (const node of known.all()) {
        const silentMs = now - node.heardAt;
        const { state } = node.row;
        if (state === "online" && silentMs > options.heartbeatMs * options.lateAfter) node.row.state = "late";
        if (
          ["late", "unheard"].includes(node.row.state) &&
          silentMs > options.heartbeatMs * options.offlineAfter
        )
          node.row.state = "offline";
        histories.look(node);
        if (node.row.state === state) continue;
        changed.push(node.row.id);
        options.onChange(node.row.id, true);
      }
      return changed;
    },
    /** Call inside a transaction, after each look at who is silent. */
    saveHistories: histories.save,
    hasHistories: histories.hasUnsaved,
    /** The Monitor itself stood still for this long: nobody was silent meanwhile. */
    forgive(ms: number): void {
      for (const node of known.all()) node.heardAt += ms;
    },
  };
}

/** Where a sign of life leads back to online. */
const SILENT_STATES = new Set(["unheard", "late", "offline"]);

const sameLabels = (a: Record<string, string> = {}, b: Record<string, string> = {}): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);

const withAssigned = <F extends Pick<InventoryBody, "labels" | "group">>(facts: F, given: Assigned): F => ({
  ...facts,
  labels: { ...facts.labels, ...given.labels },
  group: given.group ?? facts.group,
});
