/** The states of a node, as people see them. */
export const NODE_STATES = [
  "pending",
  "unheard",
  "online",
  "late",
  "offline",
  "degraded",
  "quarantined",
  "revoked",
] as const;
export type NodeState = (typeof NODE_STATES)[number];
