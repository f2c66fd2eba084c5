/** Nonces of approvals that were used or refused for good: each is good once, and is remembered well past its life. */
import type { Connection } from "../connection.ts";
import type { AgentStore } from "./agent-store.ts";

export function createApprovals(connection: Connection): AgentStore["approvals"] {
  return {
    usedFor: (nonce) =>
      connection.get<{ intent_id: string }>("SELECT intent_id FROM approvals WHERE nonce = ?", nonce)
        ?.intent_id ?? null,
    burn(nonce, intentId, expiresAt) {
      return (
        connection.run(
          "INSERT OR IGNORE INTO approvals (nonce, intent_id, expires_at) VALUES (?, ?, ?)",
          nonce,
          intentId,
          expiresAt,
        ) === 1
      );
    },
    forget: (before) => void connection.run("DELETE FROM approvals WHERE expires_at < ?", before),
  };
}
