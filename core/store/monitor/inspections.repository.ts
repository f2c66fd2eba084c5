/** Runs of checks. */
import { and, sql } from "drizzle-orm";
import type { InspectionBody } from "../../wire/report.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import { inspections } from "./nodes.schema.ts";
import { afterCursor, createFind, newestFirst, type Page, type PageRequest, toPage } from "./page.ts";
import type { NodeItem } from "./problems.repository.ts";

export interface InspectionFilter extends PageRequest {
  node?: string;
  /** Only of these; an empty list finds nothing. */
  nodes?: string[];
  check?: string;
  instance?: string;
  status?: string[];
}

export interface InspectionsRepository {
  /** False when the run is already known as done. */
  put(nodeId: string, body: InspectionBody): boolean;
  find(filter: InspectionFilter): Page<NodeItem<InspectionBody>>;
  /** Keep the newest `rows`. */
  prune(rows: number): number;
}

export function createInspectionsRepository(db: MonitorDatabase): InspectionsRepository {
  const value = sql.placeholder;
  const upsert = db
    .insert(inspections)
    .values({
      nodeId: value("nodeId"),
      id: value("id"),
      check: value("check"),
      instance: value("instance"),
      state: value("state"),
      status: value("status"),
      startedAt: value("startedAt"),
      body: value("body"),
    })
    .onConflictDoUpdate({
      target: [inspections.nodeId, inspections.id],
      set: { state: sql`excluded.state`, status: sql`excluded.status`, body: sql`excluded.body` },
      setWhere: sql`${inspections.state} = 'running'`,
    })
    .returning({ id: inspections.id })
    .prepare();
  const find = createFind((uses) =>
    db
      .select({
        nodeId: inspections.nodeId,
        id: inspections.id,
        at: inspections.startedAt,
        body: inspections.body,
      })
      .from(inspections)
      .where(
        and(
          uses.equal(inspections.nodeId, "node"),
          uses.among(inspections.nodeId, "nodes"),
          uses.equal(inspections.check, "check"),
          uses.equal(inspections.instance, "instance"),
          uses.among(inspections.status, "status"),
          uses.has("cursorAt") ? afterCursor(inspections.startedAt, inspections.id) : undefined,
        ),
      )
      .orderBy(...newestFirst(inspections.startedAt, inspections.id))
      .limit(value("limit"))
      .prepare(),
  );

  return {
    put(nodeId, body) {
      const row = { ...body, nodeId, startedAt: Date.parse(body.startedAt), body };
      return upsert.all(row).length === 1;
    },
    find: (filter) =>
      toPage(
        find(filter),
        filter.limit,
        ({ nodeId, body }) => ({ nodeId, body }),
        ({ at, id }) => ({ at, id }),
      ),
    prune(rows) {
      const oldest = db
        .select({ at: inspections.startedAt })
        .from(inspections)
        .orderBy(...newestFirst(inspections.startedAt, inspections.id))
        .limit(1)
        .offset(rows)
        .get();
      if (!oldest) return 0;
      return db
        .delete(inspections)
        .where(sql`${inspections.startedAt} <= ${oldest.at}`)
        .returning({ id: inspections.id })
        .all().length;
    },
  };
}
