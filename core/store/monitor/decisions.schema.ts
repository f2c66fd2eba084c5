/** Tables of `monitor.db` for decisions, the policy that makes them, and judges. */
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Decision } from "../../domain/decide/decision.ts";
import type { PolicyDocument } from "../../domain/decide/policy.ts";

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
  /** As a person wrote it, comments and all; null for what Cortex wrote itself. */
  text: text("text"),
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
