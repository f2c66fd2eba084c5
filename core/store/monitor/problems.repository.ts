/** Problems of all nodes, as they last said. */
import { and, count, eq, isNull, lt, ne, notInArray, or, sql } from "drizzle-orm";
import { PASSING_HOLDS } from "../../domain/problem.ts";
import type { ProblemBody } from "../../wire/problem.ts";
import {
  afterCursor,
  contains,
  createFind,
  named,
  newestFirst,
  type Page,
  type PageRequest,
  toPage,
} from "./page.ts";
import { problems } from "./records.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

export interface ProblemFilter extends PageRequest {
  /** An id, or its beginning or end. */
  id?: string;
  state?: string[];
  level?: string[];
  severity?: string[];
  node?: string;
  /** Only of these; an empty list finds nothing. */
  nodes?: string[];
  check?: string;
  target?: string;
  text?: string;
}

export interface NodeItem<Body> {
  nodeId: string;
  body: Body;
}

export interface ProblemsRepository {
  /**
   * Insert, or replace when it comes later in the node's order of messages than what is stored; false when it is late or
   * repeated. The node's clock does not matter: it may be set back.
   */
  put(nodeId: string, body: ProblemBody, position: number): boolean;
  /** Ids are made by the nodes; where two use the same one, `sees` may pick. */
  get(id: string, nodeId?: string, sees?: (node: string) => boolean): NodeItem<ProblemBody> | null;
  find(filter: ProblemFilter): Page<NodeItem<ProblemBody>>;
  /** Open problems of a node by severity. */
  openOf(nodeId: string): Record<ProblemBody["severity"], number>;
  /** Open problems of a node, or of each, that wait for a person: the rule of `stageOf`, as far as a problem itself tells. */
  waitingOf(nodeId: string): number;
  waitingCounts(): { nodeId: string; count: number }[];
  openCounts(): { nodeId: string; level: string; severity: string; count: number }[];
  removeResolvedBefore(at: number): number;
}

export function createProblemsRepository(db: MonitorDatabase): ProblemsRepository {
  const value = sql.placeholder;
  const upsert = db
    .insert(problems)
    .values({
      nodeId: value("nodeId"),
      id: value("id"),
      state: value("state"),
      level: value("level"),
      severity: value("severity"),
      check: value("check"),
      target: value("target"),
      type: value("type"),
      search: value("search"),
      openedAt: value("openedAt"),
      updatedAt: value("updatedAt"),
      resolvedAt: value("resolvedAt"),
      position: value("position"),
      body: value("body"),
    })
    .onConflictDoUpdate({
      target: [problems.nodeId, problems.id],
      set: {
        state: sql`excluded.state`,
        level: sql`excluded.level`,
        severity: sql`excluded.severity`,
        search: sql`excluded.search`,
        updatedAt: sql`excluded.updated_at`,
        resolvedAt: sql`excluded.resolved_at`,
        position: sql`excluded.position`,
        body: sql`excluded.body`,
      },
      setWhere: sql`excluded.position > ${problems.position}`,
    })
    .returning({ id: problems.id })
    .prepare();
  const byNode = db
    .select({ severity: problems.severity, count: count() })
    .from(problems)
    .where(and(eq(problems.nodeId, value("nodeId")), eq(problems.state, "open")))
    .groupBy(problems.severity)
    .prepare();
  const bodyOf = (path: string) => sql`json_extract(${problems.body}, ${path})`;
  const hold = sql`coalesce(${bodyOf("$.guards.hold")}, '')`;
  const waits = and(
    eq(problems.state, "open"),
    ne(problems.severity, "observe"),
    isNull(bodyOf("$.becauseOf")),
    or(
      and(eq(problems.level, "L3"), notInArray(hold, [...PASSING_HOLDS])),
      // Who switched repairs off has taken over what they would have done.
      eq(hold, "switch_off"),
    ),
  );
  const waiting = db
    .select({ count: count() })
    .from(problems)
    .where(and(eq(problems.nodeId, value("nodeId")), waits))
    .prepare();
  const find = createFind((uses) =>
    db
      .select({ nodeId: problems.nodeId, id: problems.id, at: problems.openedAt, body: problems.body })
      .from(problems)
      .where(
        and(
          uses.among(problems.state, "state"),
          uses.among(problems.level, "level"),
          uses.among(problems.severity, "severity"),
          uses.equal(problems.nodeId, "node"),
          uses.among(problems.nodeId, "nodes"),
          uses.equal(problems.check, "check"),
          uses.equal(problems.target, "target"),
          uses.has("text") ? contains(problems.search, "text") : undefined,
          uses.has("id") ? named(problems.id, "id") : undefined,
          uses.has("cursorAt") ? afterCursor(problems.openedAt, problems.id) : undefined,
        ),
      )
      .orderBy(...newestFirst(problems.openedAt, problems.id))
      .limit(value("limit"))
      .prepare(),
  );

  return {
    put(nodeId, body, position) {
      const row = {
        ...body,
        nodeId,
        search: `${body.summary}\n${body.target}\n${body.type}\n${body.check}`.toLowerCase(),
        openedAt: Date.parse(body.openedAt),
        updatedAt: Date.parse(body.updatedAt),
        resolvedAt: body.resolvedAt === null ? null : Date.parse(body.resolvedAt),
        position,
        body,
      };
      return upsert.all(row).length === 1;
    },
    get: (id, nodeId, sees = () => true) =>
      db
        .select({ nodeId: problems.nodeId, body: problems.body })
        .from(problems)
        .where(and(eq(problems.id, id), nodeId === undefined ? undefined : eq(problems.nodeId, nodeId)))
        .all()
        .find((row) => sees(row.nodeId)) ?? null,
    find: (filter) =>
      toPage(
        find(filter),
        filter.limit,
        ({ nodeId, body }) => ({ nodeId, body }),
        ({ at, id }) => ({ at, id }),
      ),
    openOf(nodeId) {
      const found = { observe: 0, info: 0, warning: 0, critical: 0 };
      for (const row of byNode.all({ nodeId })) found[row.severity as keyof typeof found] = row.count;
      return found;
    },
    waitingOf: (nodeId) => waiting.get({ nodeId })?.count ?? 0,
    waitingCounts: () =>
      db
        .select({ nodeId: problems.nodeId, count: count() })
        .from(problems)
        .where(waits)
        .groupBy(problems.nodeId)
        .all(),
    openCounts: () =>
      db
        .select({
          nodeId: problems.nodeId,
          level: problems.level,
          severity: problems.severity,
          count: count(),
        })
        .from(problems)
        .where(eq(problems.state, "open"))
        .groupBy(problems.nodeId, problems.level, problems.severity)
        .all(),
    removeResolvedBefore: (at) =>
      db
        .delete(problems)
        .where(and(eq(problems.state, "resolved"), lt(problems.resolvedAt, at)))
        .returning({ id: problems.id })
        .all().length,
  };
}
