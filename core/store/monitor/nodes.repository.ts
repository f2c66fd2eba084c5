/** Nodes: who they are, what they said last, and how their last day was. */
import { eq, sql } from "drizzle-orm";
import type { ReportBody, WireResult } from "../../wire/report.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import { nodeHistory, nodeResults, type NodeRow, nodes } from "./nodes.schema.ts";

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
