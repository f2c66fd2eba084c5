/**
 * Every node hears of a new deciding key before anything that it signed. What a node knows is kept in memory only: after a
 * start, and after each connection of a node, which may have come back from an older copy, it is told again.
 */
import { type Clock, type Log, messageOf } from "cortex";
import type { KeyLink } from "../domain/decide/key-link.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { Downlink } from "../wire/link.ts";
import type { DecisionSigner } from "./records.ts";

export interface KeyDelivery {
  /** Whether this node has the key in force, or has said that it does not take it. */
  isToldTo(node: string): boolean;
  /** It connected anew: nobody knows what it knows. */
  forget(node: string): void;
  /** Nodes that have the key in force, and all that there are. */
  told(): { told: number; nodes: number };
  tellAll(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface KeyDeliveryDeps {
  clock: Clock;
  log: Log;
  nodes: Pick<Nodes, "ids" | "item">;
  downlink: Downlink;
  signer: DecisionSigner;
  links: () => readonly KeyLink[];
}

const TICK_MS = 1000;

export function createKeyDelivery(deps: KeyDeliveryDeps): KeyDelivery {
  const { clock, log, nodes, signer } = deps;
  /** Node → the newest key it answered about. */
  const answered = new Map<string, { key: string; takes: boolean }>();
  const telling = new Map<string, Promise<void>>();
  let cancelTick = () => {};
  let stopped = false;

  const isToldTo = (node: string) => deps.links().length === 0 || answered.get(node)?.key === signer.name;

  async function tell(node: string): Promise<void> {
    const key = signer.name;
    const result = await deps.downlink.send(node, {
      type: "deciding_key.follow",
      links: [...deps.links()],
      actor: "monitor",
    });
    if (!result.ok && (result.kind === "unavailable" || result.kind === "internal")) return;
    answered.set(node, { key, takes: result.ok });
    if (!result.ok)
      log.warn("A node does not take the new key that this Monitor decides with.", {
        node,
        refusal: result.message.slice(0, 500),
      });
  }

  function tellAll(): void {
    if (stopped) return;
    for (const node of nodes.ids()) {
      if (isToldTo(node) || telling.has(node) || nodes.item(node)?.connected !== true) continue;
      const work = tell(node)
        .catch((error: unknown) =>
          log.debug("A new deciding key could not be told yet.", { node, reason: messageOf(error) }),
        )
        .finally(() => telling.delete(node));
      telling.set(node, work);
    }
  }

  function tick(): void {
    tellAll();
    cancelTick = clock.after(TICK_MS, tick);
  }

  return {
    isToldTo,
    forget: (node) => void answered.delete(node),
    told() {
      const all = nodes.ids();
      const takes = (node: string) => isToldTo(node) && answered.get(node)?.takes !== false;
      return { told: all.filter(takes).length, nodes: all.length };
    },
    tellAll,
    start: tick,
    async stop() {
      stopped = true;
      cancelTick();
      await Promise.allSettled([...telling.values()]);
    },
  };
}
