/** How the link to the Monitor stands, and what the log says when that changes: what happened, and what to do about it. */
import type { Log } from "cortex";
import { fingerprintWords } from "../domain/node-key.ts";
import type { NodeIdentity } from "../store/identity.ts";

export type LinkState =
  "connecting" | "online" | "unreachable" | "pending" | "quarantined" | "revoked" | "refused" | "left";

/** What the Monitor says about this node, by the code of its refusal. All of it is an answer: it was reached. */
export const STATE_OF: Record<string, LinkState> = {
  "node.pending": "pending",
  "node.quarantined": "quarantined",
  "node.revoked": "revoked",
  "node.signature": "refused",
  "node.key_retired": "refused",
};

/** `monitor` is its address; null when this node has left it meanwhile. */
export function tellState(
  log: Log,
  state: LinkState,
  {
    reason,
    monitor,
    identity,
  }: { reason: string | null; monitor: string | null; identity: Pick<NodeIdentity, "nodeId" | "publicKey"> },
): void {
  const { nodeId } = identity;
  switch (state) {
    case "connecting":
      return;
    case "online":
      return log.info("The Monitor is reached.", { monitor });
    case "unreachable":
      return log.warn("The Monitor is not reached; everything is kept.", { monitor, reason });
    case "pending":
      return log.warn("This node waits for approval; everything is kept.", {
        monitor,
        next: `on the Monitor, compare these words, then run: cortex nodes approve ${nodeId}`,
        words: fingerprintWords(identity.publicKey),
      });
    case "quarantined":
      return log.warn("The Monitor keeps this node apart; everything is kept.", {
        monitor,
        reason,
        next: `stop the other host that has this key, then on the Monitor: cortex nodes release ${nodeId}`,
      });
    case "revoked":
      return log.warn(
        "The Monitor revoked this node, which is for ever; it takes nothing from it any more.",
        {
          monitor,
          next: "cortex leave to work alone; to join again as a new node, move keys/node.key away first",
        },
      );
    case "left":
      return log.warn("This node's Monitor is another one now, or none; restart Cortex to take effect.");
    case "refused":
      return log.warn("The Monitor answered and refused this node; everything is kept.", { monitor, reason });
  }
}
