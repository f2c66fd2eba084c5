/** Nodes and what they have: facts, newest results, checks, repairs, plugins, runs of checks. */
import { and, asc, eq, gt, or, sql } from "drizzle-orm";
import type { WireCheck, WirePlugin, WireRepair } from "../../wire/inventory.ts";
import type { InspectionBody, ReportBody, WireResult } from "../../wire/report.ts";
import {
  afterCursor,
  createFind,
  decodeCursor,
  encodeCursor,
  newestFirst,
  type Page,
  type PageRequest,
  toPage,
} from "./page.ts";
import type { NodeItem } from "./problems.repository.ts";
import { inspections, inventory, nodeHistory, nodeResults, type NodeRow, nodes } from "./nodes.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

export interface NodeResults {
  results: WireResult[];
  skipped: ReportBody["skipped"];
}

export interface NodesRepository {
  all(): NodeRow[];
  put(row: NodeRow): void;
  remove(id: string): void;
  results(id: string): NodeResults | null;
  putResults(id: string, results: NodeResults): void;
  histories(): { nodeId: string; slot: number; states: string }[];
  putHistory(nodeId: string, history: { slot: number; states: string }): void;
}

export function createNodesRepository(db: MonitorDatabase): NodesRepository {
  const value = sql.placeholder;
  const upsert = db
    .insert(nodes)
    .values({
      id: value("id"),
      name: value("name"),
      state: value("state"),
      firstSeenAt: value("firstSeenAt"),
      lastSeenAt: value("lastSeenAt"),
      lastReportAt: value("lastReportAt"),
      // As it is: the column's own mapping would make false of null, "switched off" of "not yet known".
      repairs: sql`${value("repairs")}`,
      uptimeSeconds: value("uptimeSeconds"),
      spooled: value("spooled"),
      version: value("version"),
      heartbeatPos: value("heartbeatPos"),
      reportPos: value("reportPos"),
      inventoryPos: value("inventoryPos"),
      facts: value("facts"),
      summary: value("summary"),
    })
    .onConflictDoUpdate({
      target: nodes.id,
      set: {
        name: sql`excluded.name`,
        state: sql`excluded.state`,
        lastSeenAt: sql`excluded.last_seen_at`,
        lastReportAt: sql`excluded.last_report_at`,
        repairs: sql`excluded.repairs`,
        uptimeSeconds: sql`excluded.uptime_seconds`,
        spooled: sql`excluded.spooled`,
        version: sql`excluded.version`,
        heartbeatPos: sql`excluded.heartbeat_pos`,
        reportPos: sql`excluded.report_pos`,
        inventoryPos: sql`excluded.inventory_pos`,
        facts: sql`excluded.facts`,
        summary: sql`excluded.summary`,
      },
    })
    .prepare();
  const readResults = db
    .select({ results: nodeResults.results, skipped: nodeResults.skipped })
    .from(nodeResults)
    .where(eq(nodeResults.nodeId, value("id")))
    .prepare();
  const writeResults = db
    .insert(nodeResults)
    .values({ nodeId: value("id"), results: value("results"), skipped: value("skipped") })
    .onConflictDoUpdate({
      target: nodeResults.nodeId,
      set: { results: sql`excluded.results`, skipped: sql`excluded.skipped` },
    })
    .prepare();
  const writeHistory = db
    .insert(nodeHistory)
    .values({ nodeId: value("nodeId"), slot: value("slot"), states: value("states") })
    .onConflictDoUpdate({
      target: nodeHistory.nodeId,
      set: { slot: sql`excluded.slot`, states: sql`excluded.states` },
    })
    .prepare();

  return {
    all: () => db.select().from(nodes).all(),
    put: (row) => void upsert.run({ ...row, repairs: row.repairs === null ? null : Number(row.repairs) }),
    remove: (id) => void db.delete(nodes).where(eq(nodes.id, id)).run(),
    results: (id) => readResults.get({ id }) ?? null,
    putResults: (id, { results, skipped }) => void writeResults.run({ id, results, skipped }),
    histories: () => db.select().from(nodeHistory).all(),
    putHistory: (nodeId, { slot, states }) => void writeHistory.run({ nodeId, slot, states }),
  };
}

export interface InventoryBodies {
  check: WireCheck;
  repair: WireRepair;
  plugin: WirePlugin;
}
export type InventoryKind = keyof InventoryBodies;

export interface InventoryFilter<K extends InventoryKind> extends PageRequest {
  kind: K;
  node?: string;
  /** Only of these; an empty list finds nothing. */
  nodes?: string[];
  id?: string;
}

export interface InventoryRepository {
  /** Replace what the node has of this kind. */
  replace<K extends InventoryKind>(nodeId: string, kind: K, items: InventoryBodies[K][]): void;
  find<K extends InventoryKind>(filter: InventoryFilter<K>): Page<NodeItem<InventoryBodies[K]>>;
}

export function createInventoryRepository(db: MonitorDatabase): InventoryRepository {
  const value = sql.placeholder;
  const upsert = db
    .insert(inventory)
    .values({ nodeId: value("nodeId"), kind: value("kind"), id: value("id"), body: value("body") })
    .onConflictDoUpdate({
      target: [inventory.nodeId, inventory.kind, inventory.id],
      set: { body: sql`excluded.body` },
    })
    .prepare();
  const ids = db
    .select({ id: inventory.id })
    .from(inventory)
    .where(and(eq(inventory.nodeId, value("nodeId")), eq(inventory.kind, value("kind"))))
    .prepare();
  const afterPlace = or(
    gt(inventory.id, value("afterId")),
    and(eq(inventory.id, value("afterId")), gt(inventory.nodeId, value("afterNode"))),
  );
  const find = createFind((uses) =>
    db
      .select()
      .from(inventory)
      .where(
        and(
          uses.equal(inventory.kind, "kind"),
          uses.equal(inventory.nodeId, "node"),
          uses.among(inventory.nodeId, "nodes"),
          uses.equal(inventory.id, "id"),
          uses.has("afterId") ? afterPlace : undefined,
        ),
      )
      .orderBy(asc(inventory.id), asc(inventory.nodeId))
      .limit(value("limit"))
      .prepare(),
  );

  return {
    replace(nodeId, kind, items) {
      const kept = new Set(items.map((item) => item.id));
      const gone = ids.all({ nodeId, kind }).filter((row) => !kept.has(row.id));
      for (const { id } of gone)
        db.delete(inventory)
          .where(and(eq(inventory.nodeId, nodeId), eq(inventory.kind, kind), eq(inventory.id, id)))
          .run();
      for (const item of items) upsert.run({ nodeId, kind, id: item.id, body: item });
    },
    find<K extends InventoryKind>(filter: InventoryFilter<K>) {
      const { cursor, ...wanted } = filter;
      const rows = find({ ...wanted, ...(cursor !== undefined && decodeInventoryCursor(cursor)) });
      const shown = rows.slice(0, filter.limit);
      const last = shown.at(-1);
      return {
        items: shown.map((row) => ({ nodeId: row.nodeId, body: row.body as InventoryBodies[K] })),
        next: rows.length > filter.limit && last ? encodeCursor(0, `${last.nodeId} ${last.id}`) : null,
      };
    },
  };
}

function decodeInventoryCursor(cursor: string): { afterNode: string; afterId: string } {
  const [afterNode = "", ...id] = decodeCursor(cursor)?.id.split(" ") ?? [];
  // Nothing sorts behind this, so a cursor that is none gives no rows.
  return id.length === 0 ? { afterNode: "", afterId: "\u{10FFFF}" } : { afterNode, afterId: id.join(" ") };
}

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
