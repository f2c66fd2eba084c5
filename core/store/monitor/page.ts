/** Cursor paging over (time, id), newest first: stable while rows are added. */
import { and, desc, lt, or, sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

export interface PageRequest {
  limit: number;
  /** `next` of the page before. */
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Position after a row, opaque to clients. */
export function encodeCursor(at: number, id: string): string {
  return Buffer.from(`${at}:${id}`).toString("base64url");
}

/** null when the text is not a cursor. */
export function decodeCursor(cursor: string): { at: number; id: string } | null {
  const match = /^(\d{1,16}):(.{1,200})$/.exec(Buffer.from(cursor, "base64url").toString());
  return match ? { at: Number(match[1]), id: match[2]! } : null;
}

/** Condition for rows after the cursor in descending (time, id) order. */
export function afterCursor(
  time: SQLiteColumn,
  id: SQLiteColumn,
  cursor: string | undefined,
): SQL | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  // A cursor that is none points behind everything: no rows, never the first page again.
  if (!position) return sql`0`;
  return or(lt(time, position.at), and(sql`${time} = ${position.at}`, lt(id, position.id)));
}

export const newestFirst = (time: SQLiteColumn, id: SQLiteColumn): [SQL, SQL] => [desc(time), desc(id)];

/** `rows` holds one more than the limit when there is a next page. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  item: (row: Row) => Item,
  position: (row: Row) => { at: number; id: string },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  const at = more ? position(last) : null;
  return { items: shown.map(item), next: at ? encodeCursor(at.at, at.id) : null };
}

/** Substring match on a lower-case column; no LIKE, so that % and _ are ordinary characters. */
export const contains = (column: SQLiteColumn, text: string): SQL =>
  sql`instr(${column}, ${text.toLowerCase()}) > 0`;

/** One parameter whatever the number of values, so that the statement's text (and its cached form) stays the same. */
export const oneOf = (column: SQLiteColumn, values: string[]): SQL =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
