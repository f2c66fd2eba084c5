/**
 * Tables of `monitor.db` for nodes. What nodes send is kept as projections keyed by (node_id, id): the wire body as JSON plus
 * the columns needed to filter and sort. Times are epoch milliseconds, here and in the other tables.
 */
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { InventoryBody } from "../../wire/inventory.ts";
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
  /** What is bad and no problem yet; missing in rows of older versions. */
  confirming?: {
    check: string;
    target: string;
    status: "warning" | "critical";
    since: string;
    seconds: number;
  }[];
}
export type NodeFactsRow = Omit<InventoryBody, "checks" | "repairs" | "plugins">;
export type NodeRow = typeof nodes.$inferSelect;

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
