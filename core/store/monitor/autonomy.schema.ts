/** Tables of `monitor.db` for what repairs have earned. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Standing } from "../../domain/decide/standing.ts";

/** Every grant that ever was; one without an end is in force. */
export const autonomyGrants = sqliteTable(
  "autonomy_grants",
  {
    id: text("id").primaryKey(),
    repair: text("repair").notNull(),
    scope: text("scope").notNull(),
    state: text("state", { enum: ["shadow", "ask", "act"] }).notNull(),
    maxClass: text("max_class", { enum: ["R0", "R1", "R2"] }).notNull(),
    /** `user:anna`, or `cortex` where it was taken back. */
    by: text("by_whom").notNull(),
    reason: text("reason").notNull(),
    at: integer("at").notNull(),
    expiresAt: integer("expires_at"),
    endedAt: integer("ended_at"),
    endedBy: text("ended_by"),
    endReason: text("end_reason"),
  },
  (table) => [index("autonomy_grants_by_end").on(table.endedAt, table.at)],
);
export type AutonomyGrant = typeof autonomyGrants.$inferSelect;

/** How runs of repairs ended: what evidence is counted from. */
export const autonomyOutcomes = sqliteTable(
  "autonomy_outcomes",
  {
    nodeId: text("node_id").notNull(),
    intentId: text("intent_id").notNull(),
    repair: text("repair").notNull(),
    class: text("class", { enum: ["R0", "R1", "R2", "R3", "R4"] }).notNull(),
    ok: integer("ok", { mode: "boolean" }).notNull(),
    asked: integer("asked", { mode: "boolean" }).notNull(),
    at: integer("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.intentId] }),
    index("autonomy_outcomes_by_repair").on(table.repair, table.at),
  ],
);

/** The document that each node was, or is to be, given. */
export const standings = sqliteTable("standings", {
  nodeId: text("node_id").primaryKey(),
  document: text("document", { mode: "json" }).$type<Standing>().notNull(),
  /** When the node last said that it has it; null: it has yet to. */
  toldAt: integer("told_at"),
  /** Why the node does not take it. */
  refusal: text("refusal"),
});
export type StandingRow = typeof standings.$inferSelect;
