/**
 * The Link port between an agent and its Monitor. In-process here; WebSocket and HTTPS carry the same envelopes. The
 * agent keeps each envelope in its spool until it is acknowledged; the Monitor acknowledges after a durable commit and
 * drops what it has seen before, by (node, epoch, seq), for ever.
 */
import type { Command, CommandResult } from "./command.ts";
import type { Envelope } from "./envelope.ts";

export interface Uplink {
  /**
   * Deliver in order; resolves once stored, with how many of them count as handled (stored, seen before, or refused as
   * malformed and quarantined). Rejects with kind `unavailable` when the Monitor is out of reach: the agent tries again.
   */
  deliver(envelopes: Envelope[]): Promise<{ handled: number }>;
  /** The agent's answer to commands. Called once. */
  onCommand(handler: (command: Command) => Promise<CommandResult>): void;
  /** Called when the Monitor can be reached again, so that nothing waits longer than it must. */
  onUp?(listener: () => void): void;
}

export interface Downlink {
  /** Ask a node; `unavailable` when it is not connected. */
  send(nodeId: string, command: Command): Promise<CommandResult>;
}
