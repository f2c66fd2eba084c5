/** Tables of `monitor.db` for people, their sessions, keys, and settings. */
import type { Grant, Permission } from "cortex";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** Lower case, so that Anna and anna are one account. */
    nameKey: text("name_key").notNull(),
    /** The highest one among the grants, for lists. */
    role: text("role", { enum: ["admin", "operator", "viewer"] }).notNull(),
    passwordHash: text("password_hash"),
    disabled: integer("disabled", { mode: "boolean" }).notNull(),
    createdAt: integer("created_at").notNull(),
    lastLoginAt: integer("last_login_at"),
    grants: text("grants", { mode: "json" }).$type<Grant[]>().notNull(),
    /** Of the dashboard, as a BCP 47 tag; null: as the browser says. */
    language: text("language"),
  },
  (table) => [uniqueIndex("users_by_name").on(table.nameKey)],
);
export type UserRow = typeof users.$inferSelect;

export const sessions = sqliteTable(
  "sessions",
  {
    /** sha256 of the cookie's value, hex: a copy of the database opens no session. */
    tokenHash: text("token_hash").primaryKey(),
    /** Public id, for the list and for revoking. */
    id: text("id").notNull(),
    userId: text("user_id").notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    ip: text("ip").notNull(),
    userAgent: text("user_agent").notNull(),
    /** When all factors were last asked for. */
    authAt: integer("auth_at").notNull(),
    /** Of the auth providers that opened it: `password+totp`. */
    method: text("method").notNull(),
    /** Opened by two factors, or by what is as good. */
    strong: integer("strong", { mode: "boolean" }).notNull(),
    /** Where the browser goes at logout, sealed; null for nowhere. */
    endUrl: text("end_url"),
  },
  (table) => [uniqueIndex("sessions_by_id").on(table.id), index("sessions_by_user").on(table.userId)],
);
export type SessionRow = typeof sessions.$inferSelect;

export const keys = sqliteTable("keys", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  role: text("role", { enum: ["admin", "operator", "viewer", "node"] }).notNull(),
  secretHash: text("secret_hash").notNull(),
  nodeId: text("node_id"),
  createdBy: text("created_by").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at"),
  lastUsedAt: integer("last_used_at"),
  grants: text("grants", { mode: "json" }).$type<Grant[]>().notNull(),
  /** Of what the grants allow, only these; null for all. */
  permissions: text("permissions", { mode: "json" }).$type<Permission[]>(),
  /** The secret before the last rotation, and until when it is taken. */
  formerHash: text("former_hash"),
  formerUntil: integer("former_until"),
  rotatedAt: integer("rotated_at"),
  /** See `StoredKey.version`. */
  version: integer("version").notNull().default(1),
  /** Address ranges from which it is taken, in CIDR form; null: from anywhere. */
  addresses: text("addresses", { mode: "json" }).$type<string[]>(),
  lastAddress: text("last_address"),
  /** From where it was used so far. */
  knownAddresses: text("known_addresses", { mode: "json" }).$type<string[]>().notNull().default([]),
});
export type KeyRow = typeof keys.$inferSelect;

/** Failed logins per account, so that a restart does not forgive a guesser. */
export const lockouts = sqliteTable("lockouts", {
  account: text("account").primaryKey(),
  failures: integer("failures").notNull(),
  until: integer("until_at").notNull(),
});

export const settings = sqliteTable("settings", {
  key: text("key").primaryKey(),
  value: text("value", { mode: "json" }).$type<unknown>(),
});
