/** Tables of `monitor.db` for the problems and intents of nodes: projections of what the nodes themselves keep. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { IntentBody } from "../../wire/intent.ts";
import type { ProblemBody } from "../../wire/problem.ts";

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
