/** Intents of all nodes, as they last said. */
import { and, count, eq, gte, lte, sql } from "drizzle-orm";
import type { IntentBody } from "../../wire/intent.ts";
import {
  afterCursor,
  contains,
  createFind,
  named,
  newestFirst,
  type Page,
  type PageRequest,
  toPage,
  within,
} from "./page.ts";
import type { NodeItem } from "./problems.repository.ts";
import { intents } from "./records.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

export interface MonitorIntentFilter extends PageRequest {
  /** An id, or its beginning or end. */
  id?: string;
  state?: string[];
  kind?: string[];
  level?: string[];
  node?: string;
  /** Only of these; an empty list finds nothing. */
  nodes?: string[];
  problemId?: string;
  target?: string;
  repair?: string;
  category?: string;
  text?: string;
  since?: number;
  until?: number;
}

export interface IntentsRepository {
  /**
   * Insert, or replace when it comes later in the node's order of messages than what is stored; false when it is late or
   * repeated. The node's clock does not matter: it may be set back.
   */
  put(nodeId: string, body: IntentBody, position: number): boolean;
  /** Ids are made by the nodes; where two use the same one, `sees` may pick. */
  get(id: string, nodeId?: string, sees?: (node: string) => boolean): NodeItem<IntentBody> | null;
  find(filter: MonitorIntentFilter): Page<NodeItem<IntentBody>>;
  statistics(
    since: number,
    nodes?: string[],
  ): { kind: string; level: string; state: string; count: number }[];
}

export function createIntentsRepository(db: MonitorDatabase): IntentsRepository {
  const value = sql.placeholder;
  const upsert = db
    .insert(intents)
    .values({
      nodeId: value("nodeId"),
      id: value("id"),
      kind: value("kind"),
      state: value("state"),
      level: value("level"),
      problemId: value("problemId"),
      target: value("target"),
      repair: value("repair"),
      category: value("category"),
      search: value("search"),
      createdAt: value("createdAt"),
      updatedAt: value("updatedAt"),
      position: value("position"),
      body: value("body"),
    })
    .onConflictDoUpdate({
      target: [intents.nodeId, intents.id],
      set: {
        state: sql`excluded.state`,
        level: sql`excluded.level`,
        search: sql`excluded.search`,
        updatedAt: sql`excluded.updated_at`,
        position: sql`excluded.position`,
        body: sql`excluded.body`,
      },
      setWhere: sql`excluded.position > ${intents.position}`,
    })
    .returning({ id: intents.id })
    .prepare();
  const find = createFind((uses) =>
    db
      .select({ nodeId: intents.nodeId, id: intents.id, at: intents.createdAt, body: intents.body })
      .from(intents)
      .where(
        and(
          uses.among(intents.state, "state"),
          uses.among(intents.kind, "kind"),
          uses.among(intents.level, "level"),
          uses.equal(intents.nodeId, "node"),
          uses.among(intents.nodeId, "nodes"),
          uses.equal(intents.problemId, "problemId"),
          uses.equal(intents.target, "target"),
          uses.equal(intents.repair, "repair"),
          uses.equal(intents.category, "category"),
          uses.has("text") ? contains(intents.search, "text") : undefined,
          uses.has("since") ? gte(intents.createdAt, value("since")) : undefined,
          uses.has("until") ? lte(intents.createdAt, value("until")) : undefined,
          uses.has("id") ? named(intents.id, "id") : undefined,
          uses.has("cursorAt") ? afterCursor(intents.createdAt, intents.id) : undefined,
        ),
      )
      .orderBy(...newestFirst(intents.createdAt, intents.id))
      .limit(value("limit"))
      .prepare(),
  );

  return {
    put(nodeId, body, position) {
      const row = {
        ...body,
        nodeId,
        search: `${body.summary}\n${body.text}\n${body.target ?? ""}`.toLowerCase(),
        createdAt: Date.parse(body.createdAt),
        updatedAt: Date.parse(body.updatedAt),
        position,
        body,
      };
      return upsert.all(row).length === 1;
    },
    get: (id, nodeId, sees = () => true) =>
      db
        .select({ nodeId: intents.nodeId, body: intents.body })
        .from(intents)
        .where(and(eq(intents.id, id), nodeId === undefined ? undefined : eq(intents.nodeId, nodeId)))
        .all()
        .find((row) => sees(row.nodeId)) ?? null,
    find: (filter) =>
      toPage(
        find(filter),
        filter.limit,
        ({ nodeId, body }) => ({ nodeId, body }),
        ({ at, id }) => ({ at, id }),
      ),
    statistics: (since, nodes) =>
      db
        .select({ kind: intents.kind, level: intents.level, state: intents.state, count: count() })
        .from(intents)
        .where(and(gte(intents.createdAt, since), nodes && within(intents.nodeId, nodes)))
        .groupBy(intents.kind, intents.level, intents.state)
        .all(),
  };
}
