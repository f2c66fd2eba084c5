/** Tables of `monitor.db` for how nodes join, and the keys that they sign with. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Who asked to join and what became of it. Rows of revoked nodes stay for ever: an id is never used again. */
export const enrolments = sqliteTable(
  "enrolments",
  {
    nodeId: text("node_id").primaryKey(),
    state: text("state", { enum: ["pending", "active", "quarantined", "revoked"] }).notNull(),
    /** As the node calls itself. */
    claimedName: text("claimed_name").notNull(),
    /** Given by an admin or a token: stands above what the node says. */
    fixedName: text("fixed_name"),
    labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
    group: text("group_name"),
    facts: text("facts", { mode: "json" }).$type<{ os: string; arch: string; version: string }>().notNull(),
    tokenId: text("token_id").notNull(),
    ip: text("ip").notNull(),
    requestedAt: integer("requested_at").notNull(),
    decidedAt: integer("decided_at"),
    decidedBy: text("decided_by"),
    /** Why it is quarantined or was revoked. */
    reason: text("reason"),
    /** sha256 of the session in use, and of the one that was given out and not seen yet; null before the first. */
    session: text("session"),
    nextSession: text("next_session"),
    /** Time of the newest connect, as signed by the node; one made earlier comes late and says nothing. */
    connectTs: integer("connect_ts").notNull(),
    recoveries: integer("recoveries").notNull(),
  },
  (table) => [index("enrolments_by_state").on(table.state, table.requestedAt)],
);
export type EnrolmentRow = typeof enrolments.$inferSelect;

/** Every key that ever spoke for a node. `next` becomes `current` with its first message. */
export const nodeKeys = sqliteTable(
  "node_keys",
  {
    /** `k_…`. */
    id: text("id").primaryKey(),
    nodeId: text("node_id").notNull(),
    /** Raw, base64. */
    publicKey: text("public_key").notNull(),
    state: text("state", { enum: ["next", "current", "retired", "revoked"] }).notNull(),
    createdAt: integer("created_at").notNull(),
    endedAt: integer("ended_at"),
  },
  (table) => [index("node_keys_by_node").on(table.nodeId)],
);
export type NodeKeyRow = typeof nodeKeys.$inferSelect;

/** Which signed requests were taken, for ever; as `seen` is for the messages within them. */
export const requestsSeen = sqliteTable(
  "requests_seen",
  {
    nodeId: text("node_id").notNull(),
    epoch: integer("epoch").notNull(),
    ranges: text("ranges", { mode: "json" }).$type<[number, number][]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.epoch] })],
);

export const joinTokens = sqliteTable(
  "join_tokens",
  {
    id: text("id").primaryKey(),
    /** sha256 of the secret, hex. */
    secretHash: text("secret_hash").notNull(),
    name: text("name"),
    labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
    group: text("group_name"),
    autoApprove: integer("auto_approve", { mode: "boolean" }).notNull(),
    /** For a node that lost its key: the only node this token is good for. */
    nodeId: text("node_id"),
    uses: integer("uses").notNull(),
    used: integer("used").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [uniqueIndex("join_tokens_by_secret").on(table.secretHash)],
);
export type JoinTokenRow = typeof joinTokens.$inferSelect;
