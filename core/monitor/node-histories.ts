/** How each node was over the last day, kept in memory and written now and then. */
import type { Clock } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import { type KnownNode, type KnownNodes, stateOf } from "./known-nodes.ts";
import { noted, slotAt, slotState, type StateHistory } from "./state-history.ts";

/** Rows of history per look: at the turn of a quarter all of them change, and one large write would hold up everything. */
const HISTORIES_AT_ONCE = 1000;

export interface NodeHistories {
  /** With how it is now. */
  of(node: KnownNode): StateHistory;
  /** Keep how the node is now. */
  look(node: KnownNode): void;
  /** Call inside a transaction, after each look at who is silent. */
  save(): void;
  hasUnsaved(): boolean;
}

export function createNodeHistories(
  { clock, store }: { clock: Clock; store: MonitorStore },
  known: KnownNodes,
): NodeHistories {
  /** Nodes whose history is not yet written as it is. */
  const unsaved = new Set<string>();
  const seenNow = (node: KnownNode): StateHistory =>
    noted(node.history, slotAt(clock.now()), slotState(stateOf(node), node.openProblems.critical));
  return {
    of: (node) => node.history ?? seenNow(node),
    look(node) {
      const history = seenNow(node);
      if (history === node.history) return;
      node.history = history;
      unsaved.add(node.row.id);
    },
    save() {
      let left = HISTORIES_AT_ONCE;
      for (const id of unsaved) {
        if (left-- === 0) return;
        unsaved.delete(id);
        const history = known.get(id)?.history;
        if (history) store.nodes.putHistory(id, history);
      }
    },
    hasUnsaved: () => unsaved.size > 0,
  };
}
