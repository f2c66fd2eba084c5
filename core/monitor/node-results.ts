/** Newest results of the nodes that reported lately; those of the others are read when they are asked for. */
import type { NodeResults } from "../store/monitor/nodes.repository.ts";
import type { MonitorStore } from "../store/monitor/store.ts";

/** About 20 KB each. */
const RECENT_NODES = 500;

export interface KnownResults {
  of(id: string): NodeResults;
  set(id: string, results: NodeResults): void;
  /** Write them if they changed. Inside a transaction. */
  save(id: string): void;
}

export function createKnownResults({ nodes }: MonitorStore): KnownResults {
  const recent = new Map<string, NodeResults>();
  const unsaved = new Set<string>();
  const of = (id: string): NodeResults => recent.get(id) ?? nodes.results(id) ?? { results: [], skipped: [] };
  return {
    of,
    set(id, results) {
      recent.delete(id);
      recent.set(id, results);
      const oldest = recent.keys().next().value!;
      if (recent.size > RECENT_NODES && !unsaved.has(oldest)) recent.delete(oldest);
      unsaved.add(id);
    },
    save(id) {
      if (unsaved.delete(id)) nodes.putResults(id, of(id));
    },
  };
}
