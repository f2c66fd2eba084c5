/** drizzle on a Connection, so that it shares transactions, statements and the recovery after an I/O error with it. */
import type { Database } from "bun:sqlite";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";
import type { Binding, Connection } from "../connection.ts";

export type MonitorDatabase = BunSQLiteDatabase<Record<string, never>>;

/**
 * drizzle only prepares and runs statements here. Transactions are the connection's: drizzle's own are not available,
 * because they would not nest with those.
 */
export function drizzleOn(connection: Connection): MonitorDatabase {
  const client = {
    prepare: (sql: string) => ({
      run: (...bindings: Binding[]) => connection.run(sql, ...bindings),
      all: (...bindings: Binding[]) => connection.all(sql, ...bindings),
      values: (...bindings: Binding[]) => connection.values(sql, ...bindings),
    }),
  };
  return drizzle(client as unknown as Database);
}
