/** Tables of `monitor.db` for what arrives from nodes: nothing counts twice, and nothing is lost unnoticed. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

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
