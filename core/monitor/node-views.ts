/** What is told about nodes: items for lists and details, counts, pages. Reads only. */
import type { NodeScope } from "../access/node-scope.ts";
import type { NodePlace } from "../domain/access.ts";
import { toIso, toIsoOrNull } from "../wire/envelope.ts";
import type { MaintenanceItem, NodeDetail, NodeItem, OpenBySeverity, StatusItem } from "./items.ts";
import { NODE_STATES, type NodeState } from "./node-state.ts";
import {
  firstBehind,
  isMember,
  type KnownNode,
  type KnownNodes,
  type Place,
  stateOf,
} from "./known-nodes.ts";
import type { NodeHistories } from "./node-histories.ts";
import type { KnownResults } from "./node-results.ts";

/** What lists filter by. */
export type NodeTraits = Pick<NodeItem, "id" | "name" | "state" | "labels" | "group" | "tags" | "os">;

const NO_RESULTS: NodeItem["results"] = { ok: 0, warning: 0, critical: 0, unknown: 0 };

export function createNodeViews(
  known: KnownNodes,
  results: KnownResults,
  histories: NodeHistories,
  connected: (id: string) => boolean,
) {
  function item(node: KnownNode): NodeItem {
    const { row } = node;
    const { facts } = row;
    return {
      ...traits(node),
      node: row.id,
      nodeName: row.name,
      connected: connected(row.id),
      kernel: facts?.kernel ?? null,
      arch: facts?.arch ?? null,
      cpuCount: facts?.cpuCount ?? null,
      memoryBytes: facts?.memoryBytes ?? null,
      version: row.version,
      uptimeSeconds: row.uptimeSeconds,
      repairs: row.repairs,
      openProblems: Object.values(node.openProblems).reduce((sum, open) => sum + open, 0),
      problems: node.openProblems,
      worst: worstOf(node),
      results: row.summary?.results ?? NO_RESULTS,
      confirming: isMember(row) ? (row.summary?.confirming ?? []) : [],
      metrics: row.summary?.metrics ?? {},
      history: histories.of(node),
      spooled: row.spooled,
      firstSeenAt: toIso(row.firstSeenAt),
      lastSeenAt: toIso(row.lastSeenAt),
      lastReportAt: toIsoOrNull(row.lastReportAt),
    };
  }

  function maintenance(id: string): MaintenanceItem[] {
    const row = known.get(id)?.row;
    return (row?.facts?.maintenance ?? []).map((window) => ({ ...window, node: id, nodeName: row!.name }));
  }

  return {
    /** Of the fleet: not those that wait to be let in or were sent away. */
    ids: () => [...known.all()].flatMap(({ row }) => (isMember(row) ? [row.id] : [])),
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
    summary(scope: NodeScope): Pick<StatusItem, "nodes" | "openProblems" | "waiting" | "repairs"> {
      const states = Object.fromEntries(NODE_STATES.map((state) => [state, 0])) as Record<NodeState, number>;
      const openProblems: OpenBySeverity = { observe: 0, info: 0, warning: 0, critical: 0 };
      let waiting = 0;
      let on = 0;
      let off = 0;
      for (const node of known.all()) {
        if (!scope.whole && !scope.has(node.row.id)) continue;
        states[stateOf(node)] += 1;
        // As the lists have them: one that asks with a new key has a problem, too.
        if (node.row.state !== "revoked") {
          waiting += node.waiting;
          for (const [severity, open] of Object.entries(node.openProblems))
            openProblems[severity as keyof OpenBySeverity] += open;
        }
        if (!isMember(node.row)) continue;
        if (node.row.repairs === true) on += 1;
        else if (node.row.repairs === false) off += 1;
      }
      const repairs = on > 0 && off > 0 ? "mixed" : on > 0 ? "on" : off > 0 ? "off" : null;
      return { nodes: states, openProblems, waiting, repairs };
    },
    /** The nodes in scope by name. */
    items: (scope: NodeScope): NodeItem[] =>
      known
        .inOrder()
        .filter((node) => scope.has(node.row.id))
        .map(item),
    /** Those that fit, by name, from behind a place on; `next` is the place of the last one when there are more. */
    page(wanted: { limit: number; after?: Place; fits?: (node: NodeTraits) => boolean }): {
      items: NodeItem[];
      next: Place | null;
    } {
      const { limit, after, fits = () => true } = wanted;
      const nodes = known.inOrder();
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
      const stored = results.of(id);
      return {
        ...item(node),
        bootId: node.row.facts?.bootId ?? null,
        latest: stored.results,
        skipped: stored.skipped,
        maintenance: maintenance(id),
      };
    },
    maintenance,
  };
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

function worstOf({ row, openProblems }: KnownNode): NodeItem["worst"] {
  if (row.state !== "online") return "unknown";
  return openProblems.critical > 0 ? "critical" : openProblems.warning > 0 ? "warning" : "ok";
}
