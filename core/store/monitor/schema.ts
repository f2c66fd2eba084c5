/**
 * Tables of `monitor.db`. What nodes send is kept as projections keyed by (node_id, id): the wire body as JSON plus the
 * columns needed to filter and sort. Times are epoch milliseconds.
 */
import type { Grant, Permission } from "cortex";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Decision } from "../../domain/decide/decision.ts";
import type { PolicyDocument } from "../../domain/decide/policy.ts";
import type { IntentBody } from "../../wire/intent.ts";
import type { InventoryBody } from "../../wire/inventory.ts";
import type { ProblemBody } from "../../wire/problem.ts";
import type { InspectionBody, ReportBody, WireResult } from "../../wire/report.ts";

export const nodes = sqliteTable("nodes", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** online, late, offline or quarantined; `degraded` follows from online and the open problems. */
  state: text("state").notNull(),
  firstSeenAt: integer("first_seen_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
  lastReportAt: integer("last_report_at"),
  /** Master switch as the node last said; null before the first heartbeat. */
  repairs: integer("repairs", { mode: "boolean" }),
  uptimeSeconds: real("uptime_seconds"),
  spooled: integer("spooled"),
  version: text("version"),
  /**
   * Position of the newest heartbeat, report and inventory: epoch × 2^32 + seq, so that a late message never replaces a
   * newer one. 0 before the first, and unchanged by messages without a position.
   */
  heartbeatPos: integer("heartbeat_pos").notNull(),
  reportPos: integer("report_pos").notNull(),
  inventoryPos: integer("inventory_pos").notNull(),
  /** Newest inventory without its lists (those are rows of `inventory`). */
  facts: text("facts", { mode: "json" }).$type<NodeFactsRow>(),
  /** What lists show of the newest results, so that a start need not read them all. */
  summary: text("summary", { mode: "json" }).$type<NodeSummary>(),
});

/** Newest result per (check, instance, target); apart from `nodes`, whose rows change with every heartbeat. */
export const nodeResults = sqliteTable("node_results", {
  nodeId: text("node_id").primaryKey(),
  results: text("results", { mode: "json" }).$type<WireResult[]>().notNull(),
  skipped: text("skipped", { mode: "json" }).$type<ReportBody["skipped"]>().notNull(),
});

/** How each node was over the last day; see core/monitor/state-history.ts. Apart from `nodes`, whose rows change with every heartbeat. */
export const nodeHistory = sqliteTable("node_history", {
  nodeId: text("node_id").primaryKey(),
  slot: integer("slot").notNull(),
  states: text("states").notNull(),
});

export interface NodeSummary {
  results: Record<WireResult["status"], number>;
  metrics: { cpuRatio?: number; memoryRatio?: number; diskRatio?: number };
}
export type NodeFactsRow = Omit<InventoryBody, "checks" | "repairs" | "plugins">;
export type NodeRow = typeof nodes.$inferSelect;

export const problems = sqliteTable(
  "problems",
  {
    nodeId: text("node_id").notNull(),
    id: text("id").notNull(),
    state: text("state").notNull(),
    level: text("level").notNull(),
    severity: text("severity").notNull(),
    check: text("check_name").notNull(),
    target: text("target").notNull(),
    type: text("type").notNull(),
    /** Lower case, for substring search. */
    search: text("search").notNull(),
    openedAt: integer("opened_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    resolvedAt: integer("resolved_at"),
    /** Place in the node's order of messages; the newest state wins by it, whatever the node's clock says. */
    position: integer("position").notNull(),
    body: text("body", { mode: "json" }).$type<ProblemBody>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.id] }),
    index("problems_by_id").on(table.id),
    index("problems_by_opened").on(table.openedAt, table.id),
    index("problems_by_state").on(table.state, table.openedAt, table.id),
  ],
);

export const intents = sqliteTable(
  "intents",
  {
    nodeId: text("node_id").notNull(),
    id: text("id").notNull(),
    kind: text("kind").notNull(),
    state: text("state").notNull(),
    level: text("level").notNull(),
    problemId: text("problem_id"),
    target: text("target"),
    repair: text("repair"),
    category: text("category"),
    search: text("search").notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    position: integer("position").notNull(),
    body: text("body", { mode: "json" }).$type<IntentBody>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.id] }),
    index("intents_by_id").on(table.id),
    index("intents_by_created").on(table.createdAt, table.id),
    index("intents_by_problem").on(table.problemId),
  ],
);

export const inspections = sqliteTable(
  "inspections",
  {
    nodeId: text("node_id").notNull(),
    id: text("id").notNull(),
    check: text("check_name").notNull(),
    instance: text("instance").notNull(),
    state: text("state").notNull(),
    status: text("status"),
    startedAt: integer("started_at").notNull(),
    body: text("body", { mode: "json" }).$type<InspectionBody>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.id] }),
    index("inspections_by_started").on(table.startedAt, table.id),
  ],
);

/** Checks, repairs and plugins of each node: what its newest inventory lists. */
export const inventory = sqliteTable(
  "inventory",
  {
    nodeId: text("node_id").notNull(),
    kind: text("kind", { enum: ["check", "repair", "plugin"] }).notNull(),
    id: text("id").notNull(),
    body: text("body", { mode: "json" }).$type<unknown>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.kind, table.id] }),
    index("inventory_by_kind").on(table.kind, table.id, table.nodeId),
  ],
);

/** Which messages were handled, for ever: `ranges` are inclusive pairs, ascending, merged: [[1, 880], [882, 900]]. */
export const seen = sqliteTable(
  "seen",
  {
    nodeId: text("node_id").notNull(),
    epoch: integer("epoch").notNull(),
    ranges: text("ranges", { mode: "json" }).$type<[number, number][]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.epoch] })],
);

/** Idempotency keys of bare HTTP reports, kept for a day. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    nodeId: text("node_id").notNull(),
    key: text("key").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.key] }), index("idempotency_by_at").on(table.at)],
);

/** Messages that could not be understood; kept for people, never applied. */
export const quarantine = sqliteTable("quarantine", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  nodeId: text("node_id"),
  at: integer("at").notNull(),
  reason: text("reason").notNull(),
  raw: text("raw").notNull(),
});

/** Signed heads of the nodes' ledgers, so that a node can't rewrite its history unnoticed. */
export const nodeCheckpoints = sqliteTable(
  "node_checkpoints",
  {
    nodeId: text("node_id").notNull(),
    size: integer("size").notNull(),
    origin: text("origin").notNull(),
    head: text("head").notNull(),
    at: integer("at").notNull(),
    signature: text("signature").notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.size] })],
);

/** Declared losses: samples that a node thinned out while it could not deliver. */
export const gaps = sqliteTable(
  "gaps",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    nodeId: text("node_id").notNull(),
    from: integer("from_at").notNull(),
    to: integer("to_at").notNull(),
    count: integer("count").notNull(),
    reason: text("reason").notNull(),
  },
  (table) => [index("gaps_by_node").on(table.nodeId, table.from)],
);

export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** Lower case, so that Anna and anna are one account. */
    nameKey: text("name_key").notNull(),
    /** The highest one among the grants, for lists. */
    role: text("role", { enum: ["admin", "operator", "viewer"] }).notNull(),
    passwordHash: text("password_hash"),
    disabled: integer("disabled", { mode: "boolean" }).notNull(),
    createdAt: integer("created_at").notNull(),
    lastLoginAt: integer("last_login_at"),
    grants: text("grants", { mode: "json" }).$type<Grant[]>().notNull(),
    /** Of the dashboard, as a BCP 47 tag; null: as the browser says. */
    language: text("language"),
  },
  (table) => [uniqueIndex("users_by_name").on(table.nameKey)],
);
export type UserRow = typeof users.$inferSelect;

export const sessions = sqliteTable(
  "sessions",
  {
    /** sha256 of the cookie's value, hex: a copy of the database opens no session. */
    tokenHash: text("token_hash").primaryKey(),
    /** Public id, for the list and for revoking. */
    id: text("id").notNull(),
    userId: text("user_id").notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    ip: text("ip").notNull(),
    userAgent: text("user_agent").notNull(),
    /** When all factors were last asked for. */
    authAt: integer("auth_at").notNull(),
    /** Of the auth providers that opened it: `password+totp`. */
    method: text("method").notNull(),
    /** Opened by two factors, or by what is as good. */
    strong: integer("strong", { mode: "boolean" }).notNull(),
    /** Where the browser goes at logout, sealed; null for nowhere. */
    endUrl: text("end_url"),
  },
  (table) => [uniqueIndex("sessions_by_id").on(table.id), index("sessions_by_user").on(table.userId)],
);
export type SessionRow = typeof sessions.$inferSelect;

export const keys = sqliteTable("keys", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  role: text("role", { enum: ["admin", "operator", "viewer", "node"] }).notNull(),
  secretHash: text("secret_hash").notNull(),
  nodeId: text("node_id"),
  createdBy: text("created_by").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at"),
  lastUsedAt: integer("last_used_at"),
  grants: text("grants", { mode: "json" }).$type<Grant[]>().notNull(),
  /** Of what the grants allow, only these; null for all. */
  permissions: text("permissions", { mode: "json" }).$type<Permission[]>(),
  /** The secret before the last rotation, and until when it is taken. */
  formerHash: text("former_hash"),
  formerUntil: integer("former_until"),
  rotatedAt: integer("rotated_at"),
  /** See `StoredKey.version`. */
  version: integer("version").notNull().default(1),
  /** Address ranges from which it is taken, in CIDR form; null: from anywhere. */
  addresses: text("addresses", { mode: "json" }).$type<string[]>(),
  lastAddress: text("last_address"),
  /** From where it was used so far. */
  knownAddresses: text("known_addresses", { mode: "json" }).$type<string[]>().notNull().default([]),
});
export type KeyRow = typeof keys.$inferSelect;

export const decisions = sqliteTable(
  "decisions",
  {
    id: text("id").primaryKey(),
    intentId: text("intent_id").notNull(),
    nodeId: text("node_id").notNull(),
    repair: text("repair").notNull(),
    state: text("state", { enum: ["pending", "approved", "rejected", "expired"] }).notNull(),
    /** due, told or refused; null while nothing is to be told. */
    delivery: text("delivery"),
    createdAt: integer("created_at").notNull(),
    decidedAt: integer("decided_at"),
    body: text("body", { mode: "json" }).$type<Decision>().notNull(),
  },
  (table) => [
    uniqueIndex("decisions_by_intent").on(table.nodeId, table.intentId),
    index("decisions_by_state").on(table.state, table.createdAt, table.id),
    index("decisions_by_repair").on(table.repair, table.createdAt),
    index("decisions_by_delivery").on(table.delivery),
  ],
);

/** Every version of the policy that was ever in force; the newest one is. */
export const policies = sqliteTable("policies", {
  version: integer("version").primaryKey({ autoIncrement: true }),
  at: integer("at").notNull(),
  author: text("author").notNull(),
  note: text("note").notNull(),
  document: text("document", { mode: "json" }).$type<PolicyDocument>().notNull(),
});

export const evaluations = sqliteTable(
  "evaluations",
  {
    decider: text("decider").notNull(),
    model: text("model").notNull(),
    at: integer("at").notNull(),
    digest: text("digest").notNull(),
    figures: text("figures", { mode: "json" }).$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.decider, table.model] })],
);

/** What judges cost, for the caps. */
export const judgeCalls = sqliteTable(
  "judge_calls",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    at: integer("at").notNull(),
    decider: text("decider").notNull(),
    model: text("model").notNull(),
    problemId: text("problem_id"),
    costUsd: real("cost_usd").notNull(),
  },
  (table) => [index("judge_calls_by_at").on(table.at)],
);

/** Failed logins per account, so that a restart does not forgive a guesser. */
export const lockouts = sqliteTable("lockouts", {
  account: text("account").primaryKey(),
  failures: integer("failures").notNull(),
  until: integer("until_at").notNull(),
});

export const settings = sqliteTable("settings", {
  key: text("key").primaryKey(),
  value: text("value", { mode: "json" }).$type<unknown>(),
});

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
