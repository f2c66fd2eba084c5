/** Nodes that can be reached at this moment, and commands down to them. */
import { type Clock, defineErrors } from "cortex";
import type { Command, CommandResult } from "../wire/command.ts";
import type { Downlink } from "../wire/link.ts";
import type { Nodes } from "./nodes.ts";

const COMMAND_TIMEOUT_MS = 30_000;

const errors = defineErrors("monitor", {
  node_unknown: "not_found",
  node_unreachable: "unavailable",
  node_timeout: "timeout",
});

type Handler = (command: Command) => Promise<CommandResult>;

export interface Connections extends Downlink {
  has(node: string): boolean;
  open(node: string, handler: Handler): void;
  close(node: string): void;
}

export function createConnections(clock: Clock, nodes: () => Pick<Nodes, "has" | "nameOf">): Connections {
  const handlers = new Map<string, Handler>();

  async function send(node: string, command: Command): Promise<CommandResult> {
    const handler = handlers.get(node);
    if (!nodes().has(node) && !handler)
      throw errors.node_unknown("no node has this id; see the list of nodes");
    if (!handler)
      throw errors.node_unreachable(`${nodes().nameOf(node)} is not connected; try again when it is online`);
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(COMMAND_TIMEOUT_MS, () =>
        reject(errors.node_timeout(`${nodes().nameOf(node)} did not answer within 30 s; look at its log`)),
      );
    });
    try {
      return await Promise.race([handler(command), late]);
    } finally {
      cancel();
    }
  }

  return {
    has: (node) => handlers.has(node),
    open: (node, handler) => void handlers.set(node, handler),
    close: (node) => void handlers.delete(node),
    send,
  };
}
