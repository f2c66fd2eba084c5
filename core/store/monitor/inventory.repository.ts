/** What nodes have: their checks, repairs and plugins, as they said last. */
import { and, asc, eq, gt, or, sql } from "drizzle-orm";
import type { WireCheck, WirePlugin, WireRepair } from "../../wire/inventory.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import { inventory } from "./nodes.schema.ts";
import { createFind, decodeCursor, encodeCursor, type Page, type PageRequest } from "./page.ts";
import type { NodeItem } from "./problems.repository.ts";

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
