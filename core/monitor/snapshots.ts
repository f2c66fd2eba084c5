/** What each topic shows to somebody who begins to look, as far as they may see. */
import { type NodeScope, nodesOf } from "../access/node-scope.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { decisionItemOf } from "./decision-item.ts";
import type { HubOptions } from "./hub.ts";
import { autonomyItemOf, type ReportItem, type StatusItem, withNode } from "./items.ts";
import type { Nodes } from "./nodes.ts";

/** Rows a snapshot starts with; everything else is paged over HTTP. */
const SNAPSHOT_ITEMS = 500;
const SNAPSHOT_HISTORY = 100;

export interface SnapshotSources {
  store: MonitorStore;
  nodes: Nodes;
  status: (scope: NodeScope) => StatusItem;
}

export function createSnapshots({ store, nodes, status }: SnapshotSources): HubOptions["snapshots"] {
  const { nameOf } = nodes;
  const page = (scope: NodeScope) =>
    nodes.page({ limit: SNAPSHOT_ITEMS, fits: ({ id }) => nodes.isMember(id) && scope.has(id) }).items;
  return {
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
  };
}
