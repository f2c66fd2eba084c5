/**
 * How many questions one node may put before people at once. A node that proposes more, broken or taken over, tires nobody:
 * the others wait as proposals of the node, and are asked about as soon as there is room.
 */
import type { Log } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";

export const MOST_PENDING = 20;
/** Proposals of one node that are looked at when there is room again. */
const LOOKED_AT = 500;

export interface Crowd {
  /** False when the node has to wait with this one. */
  admits(node: string): boolean;
  /** Proposals for which there is room by now, oldest first. */
  waiting(concerns: (intent: IntentBody) => boolean): { node: string; intent: IntentBody }[];
  /** Nodes that waited when the program ended. */
  recall(): void;
}

export function createCrowd({ store, log }: { store: MonitorStore; log: Log }): Crowd {
  const crowded = new Set<string>();
  const room = (node: string): number =>
    MOST_PENDING - store.decisions.find({ state: ["pending"], node, limit: MOST_PENDING }).items.length;

  return {
    admits(node) {
      // Nobody overtakes those that wait already.
      if (crowded.has(node)) return false;
      if (room(node) > 0) return true;
      log.warn("A node proposes more than people can look at; the rest waits.", {
        node,
        most: MOST_PENDING,
      });
      crowded.add(node);
      return false;
    },
    waiting(concerns) {
      return [...crowded].flatMap((node) => {
        const places = room(node);
        if (places <= 0) return [];
        const all = store.intents
          .find({ kind: ["repair"], state: ["proposed"], node, limit: LOOKED_AT })
          .items.filter(({ body }) => concerns(body) && store.decisions.ofIntent(node, body.id) === null);
        if (all.length <= places) crowded.delete(node);
        return all
          .toReversed()
          .slice(0, places)
          .map(({ body }) => ({ node, intent: body }));
      });
    },
    recall() {
      for (const { node } of store.decisions.pending()) if (room(node) <= 0) crowded.add(node);
    },
  };
}
