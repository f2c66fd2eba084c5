/** Reading the Monitor's own chain by what it says. Entries are appended by the ledger repository only. */
import { and, asc, desc, eq, gt, gte, lt, lte, or, sql } from "drizzle-orm";
import { blob, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { MonitorDatabase } from "./drizzle.ts";
import { createFind, type PageRequest } from "./page.ts";

const ledger = sqliteTable("ledger", {
  seq: integer("seq").primaryKey(),
  ts: integer("ts").notNull(),
  actor: text("actor").notNull(),
  kind: text("kind").notNull(),
  payload: blob("payload", { mode: "buffer" }),
  salt: blob("salt", { mode: "buffer" }).notNull(),
  payloadHash: blob("payload_hash", { mode: "buffer" }).notNull(),
  prev: blob("prev", { mode: "buffer" }).notNull(),
  hash: blob("hash", { mode: "buffer" }).notNull(),
});
export type AuditRow = typeof ledger.$inferSelect;

export interface AuditFilter {
  /** `user:anna`, `local`; exactly. */
  actor?: string;
  /** A kind, or the words before a dot: `auth` holds `auth.login`, too. */
  kind?: string;
  /** Epoch ms, both inclusive. */
  from?: number;
  to?: number;
  /** Part of actor, kind or payload, whatever its case. */
  text?: string;
  /** A value that occurs somewhere in the payload: the id of a user, key, node, session. */
  object?: string;
}

export interface AuditRepository {
  /** Newest first: up to `limit` + 1 entries with a number below `before`. */
  newest(filter: AuditFilter & { limit: number; before?: number }): AuditRow[];
  /** Oldest first: up to `limit` entries with a number above `after`. */
  oldest(filter: AuditFilter & { limit: number; after: number }): AuditRow[];
}

export function createAuditRepository(db: MonitorDatabase): AuditRepository {
  const value = sql.placeholder;
  const payload = sql`CAST(${ledger.payload} AS TEXT)`;
  const search = sql`lower(${ledger.actor} || ' ' || ${ledger.kind} || ' ' || coalesce(${payload}, ''))`;
  // "/" is the character after "." in ASCII, so this is every kind that begins with the word and a dot.
  const within = or(
    eq(ledger.kind, value("kind")),
    and(sql`${ledger.kind} >= ${value("kind")} || '.'`, sql`${ledger.kind} < ${value("kind")} || '/'`),
  );
  const find = createFind<AuditRow>((uses) =>
    db
      .select()
      .from(ledger)
      .where(
        and(
          uses.has("before") ? lt(ledger.seq, value("before")) : undefined,
          uses.has("after") ? gt(ledger.seq, value("after")) : undefined,
          uses.equal(ledger.actor, "actor"),
          uses.has("kind") ? within : undefined,
          uses.has("from") ? gte(ledger.ts, value("from")) : undefined,
          uses.has("to") ? lte(ledger.ts, value("to")) : undefined,
          uses.has("text") ? sql`instr(${search}, ${value("text")}) > 0` : undefined,
          uses.has("object")
            ? sql`EXISTS (SELECT 1 FROM json_tree(${payload}) WHERE atom = ${value("object")})`
            : undefined,
        ),
      )
      .orderBy(uses.has("after") ? asc(ledger.seq) : desc(ledger.seq))
      .limit(value("limit"))
      .prepare(),
  );
  return {
    newest: (filter) => find(filter satisfies PageRequest),
    oldest: (filter) => find({ ...filter, limit: filter.limit - 1 }),
  };
}
