/** Tables of `monitor.db` for signing in beyond a password. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** What people have enrolled: second factors, passkeys, recovery codes. */
export const factors = sqliteTable(
  "factors",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    /** Of the auth provider that understands `data`. */
    method: text("method").notNull(),
    name: text("name").notNull(),
    /** Told by an answer alone, without knowing whose it is; unique within the method. */
    handle: text("handle"),
    /** The method's JSON, sealed. */
    data: text("data").notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [
    index("factors_by_user").on(table.userId),
    uniqueIndex("factors_by_handle").on(table.method, table.handle),
  ],
);
export type FactorRow = typeof factors.$inferSelect;

/** What was asked and waits for its answer, from the browser that was asked. */
export const challenges = sqliteTable(
  "challenges",
  {
    /** sha256 of the ticket, hex. */
    ticketHash: text("ticket_hash").primaryKey(),
    /** sha256 of the browser's cookie, hex. */
    browserHash: text("browser_hash").notNull(),
    purpose: text("purpose", { enum: ["login", "alone", "redirect", "enrol", "reauthenticate"] }).notNull(),
    method: text("method").notNull(),
    /** null where the answer will tell who it is. */
    userId: text("user_id"),
    /** JSON, sealed. */
    state: text("state").notNull(),
    tries: integer("tries").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [index("challenges_by_expiry").on(table.expiresAt)],
);
export type ChallengeRow = typeof challenges.$inferSelect;

/** Accounts of people who come from an identity provider. */
export const identities = sqliteTable(
  "identities",
  {
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    userId: text("user_id").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index("identities_by_user").on(table.userId),
  ],
);
