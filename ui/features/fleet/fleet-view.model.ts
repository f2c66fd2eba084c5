/** How the fleet is laid out: all of it is in the address, so that a link shows the same. */
import { bucketOf } from "./fleet.model.ts";
import type { NodeItem } from "../../data/types.ts";
import { compareNames } from "../../lib/formats.ts";

export const SORTS = ["attention", "name", "cpu", "memory", "disk", "problems", "seen"] as const;
export type Sort = (typeof SORTS)[number];
export const COLUMNS = ["history", "cpu", "memory", "disk", "problems", "system", "version", "seen"] as const;
export type Column = (typeof COLUMNS)[number];
export const LAYOUTS = ["table", "cards"] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface FleetView {
  layout: Layout;
  sort: Sort;
  /** Turned around. */
  reverse: boolean;
  /** `none`, `group`, `state`, `system`, or `label:NAME`. */
  group: string;
  dense: boolean;
  hidden: Column[];
}

export const DEFAULT_VIEW: FleetView = {
  layout: "table",
  sort: "attention",
  reverse: false,
  group: "none",
  dense: false,
  hidden: ["version"],
};

/** As in the address; what is left out is as by default, what can't be understood too. */
export interface ViewQuery {
  layout?: string | undefined;
  sort?: string | undefined;
  group?: string | undefined;
  dense?: string | undefined;
  hide?: string | undefined;
}

const among = <T extends string>(list: readonly T[], text: string | undefined, otherwise: T): T =>
  list.find((one) => one === text) ?? otherwise;

export function viewOf(query: ViewQuery, base: FleetView = DEFAULT_VIEW): FleetView {
  const reverse = query.sort?.startsWith("-") === true;
  return {
    layout: among(LAYOUTS, query.layout, base.layout),
    sort: among(SORTS, reverse ? query.sort!.slice(1) : query.sort, base.sort),
    reverse: query.sort === undefined ? base.reverse : reverse,
    group: query.group ?? base.group,
    dense: query.dense === undefined ? base.dense : query.dense === "1",
    hidden:
      query.hide === undefined
        ? base.hidden
        : query.hide.split(",").flatMap((name) => COLUMNS.find((one) => one === name) ?? []),
  };
}

/** What goes into the address: only what differs from `base`. */
export function queryOf(view: FleetView, base: FleetView = DEFAULT_VIEW): ViewQuery {
  const same = (a: readonly string[], b: readonly string[]) => a.toSorted().join() === b.toSorted().join();
  return {
    layout: view.layout === base.layout ? undefined : view.layout,
    sort:
      view.sort === base.sort && view.reverse === base.reverse
        ? undefined
        : `${view.reverse ? "-" : ""}${view.sort}`,
    group: view.group === base.group ? undefined : view.group,
    dense: view.dense === base.dense ? undefined : view.dense ? "1" : "0",
    hide: same(view.hidden, base.hidden) ? undefined : view.hidden.toSorted().join(","),
  };
}

export const sameView = (a: FleetView, b: FleetView): boolean =>
  Object.keys(queryOf(a, b)).every((key) => queryOf(a, b)[key as keyof ViewQuery] === undefined);

/** Largest first, unknown last; names from a to z. */
const BY: Record<Exclude<Sort, "attention" | "name">, (node: NodeItem) => number> = {
  cpu: (node) => node.metrics.cpuRatio ?? -1,
  memory: (node) => node.metrics.memoryRatio ?? -1,
  disk: (node) => node.metrics.diskRatio ?? -1,
  problems: (node) => node.openProblems,
  seen: (node) => Date.parse(node.lastSeenAt),
};

/** `list` is in the order of what needs looking at, and comes back as the view wants it. */
export function arranged(list: readonly NodeItem[], view: Pick<FleetView, "sort" | "reverse">): NodeItem[] {
  const { sort } = view;
  if (sort === "attention") return view.reverse ? list.toReversed() : [...list];
  const sign = view.reverse ? -1 : 1;
  const byName = (a: NodeItem, b: NodeItem) => compareNames(a.name, b.name) || a.id.localeCompare(b.id);
  if (sort === "name") return list.toSorted((a, b) => sign * byName(a, b));
  return list.toSorted((a, b) => sign * (BY[sort](b) - BY[sort](a)) || byName(a, b));
}

/** Labels that occur, for grouping by them. */
export const labelNames = (nodes: readonly NodeItem[]): string[] =>
  [...new Set(nodes.flatMap((node) => Object.keys(node.labels)))].sort(compareNames);

function groupOf(node: NodeItem, group: string): string {
  if (group === "group") return node.group ?? "";
  if (group === "state") return bucketOf(node);
  if (group === "system") return node.os ?? "";
  return group.startsWith("label:") ? (node.labels[group.slice(6)] ?? "") : "";
}

/** A row of the list: the head of a group, or as many nodes as have room side by side. */
export type Entry =
  | { kind: "group"; id: string; name: string; count: number }
  | { kind: "nodes"; id: string; nodes: NodeItem[] };

/** Groups by name, nodes without one last; inside of them the order stays. */
export function entriesOf(nodes: readonly NodeItem[], group: string, perRow: number): Entry[] {
  if (group === "none") return rowsOf(nodes, perRow);
  const groups = new Map<string, NodeItem[]>();
  for (const node of nodes) {
    const name = groupOf(node, group);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [node]);
    else known.push(node);
  }
  const order = [...groups].sort(([a], [b]) => Number(a === "") - Number(b === "") || compareNames(a, b));
  return order.flatMap(([name, members]): Entry[] => [
    { kind: "group", id: `group ${name}`, name, count: members.length },
    ...rowsOf(members, perRow),
  ]);
}

function rowsOf(nodes: readonly NodeItem[], perRow: number): Entry[] {
  const rows: Entry[] = [];
  for (let first = 0; first < nodes.length; first += perRow) {
    const members = nodes.slice(first, first + perRow);
    rows.push({ kind: "nodes", id: members[0]!.id, nodes: members });
  }
  return rows;
}
