/** What somebody may do, and about which nodes. */

/** A named set of permissions; which ones is in core/domain/access.ts. */
export type Role = "admin" | "operator" | "viewer" | "node";

/** What can be allowed. A closed set: a route names one of these. */
export const PERMISSIONS = [
  /** See nodes, problems, intents, checks, evidence, metrics. */
  "fleet.read",
  /** Run and pause checks, switch repairs, plan maintenance, write notes. */
  "fleet.operate",
  /** Approve or reject what a node proposes. */
  "decide",
  /** Take a ledger out. */
  "ledger.export",
  /** Let nodes join, approve, revoke and quarantine them. */
  "nodes.manage",
  /** Users, what they may do, their sessions. */
  "people.manage",
  /** API keys. */
  "keys.manage",
  "audit.read",
  /** Effective configuration. */
  "settings.read",
  /** Reload the configuration, set the autonomy of nodes. */
  "settings.write",
  /** One's own profile, session and what every page needs; everybody but nodes has it. */
  "self",
  /** Report in a node's own name. */
  "node.send",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Which nodes a grant is about: `*` (the whole tree), `subtree:NODEID` (a node and what is below it), `label:KEY=VALUE`
 * or `group:NAME`.
 */
export type Scope = string;

export interface Grant {
  role: Exclude<Role, "node">;
  scope: Scope;
}
