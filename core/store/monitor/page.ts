/** Cursor paging over (time, id), newest first: stable while rows are added. */
import { and, desc, eq, lt, or, sql, type SQL } from "drizzle-orm";
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
export const afterCursor = (time: SQLiteColumn, id: SQLiteColumn): SQL | undefined =>
  or(lt(time, value("cursorAt")), and(eq(time, value("cursorAt")), lt(id, value("cursorId"))));

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

/** The column holds one of these; one parameter whatever their number. */
export const within = (column: SQLiteColumn, values: readonly string[]): SQL =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** Substring match on a lower-case column; no LIKE, so that % and _ are ordinary characters. */
export const contains = (column: SQLiteColumn, name: string): SQL =>
  sql`instr(${column}, ${value(name)}) > 0`;

/** It is this id, or begins or ends with it: lists show the end. */
export const named = (column: SQLiteColumn, name: string): SQL =>
  sql`${value(name)} IN (substr(${column}, 1, length(${value(name)})), substr(${column}, -length(${value(name)})))`;

const value = sql.placeholder;
/** Names under which a list with one entry, and one with many, is passed. */
const only = (name: string) => `${name} only`;
const many = (name: string) => `${name} many`;
/** From this many values on, the order by time serves better than an index on the column itself. */
const MANY = 50;

/** What a statement is built from: which filters are given. */
export interface Uses {
  has(name: string): boolean;
  equal(column: SQLiteColumn, name: string): SQL | undefined;
  /**
   * One parameter whatever the number of values; a single one is compared directly, so that an index on this column and
   * the time gives the rows in order.
   */
  among(column: SQLiteColumn, name: string): SQL | undefined;
}

function usesOf(given: ReadonlySet<string>): Uses {
  return {
    has: (name) => given.has(name),
    equal: (column, name) => (given.has(name) ? eq(column, value(name)) : undefined),
    among(column, name) {
      if (given.has(only(name))) return eq(column, value(only(name)));
      // The plus keeps the planner from gathering all rows of all values to sort them.
      if (given.has(many(name)))
        return sql`+${column} IN (SELECT value FROM json_each(${value(many(name))}))`;
      return given.has(name) ? sql`${column} IN (SELECT value FROM json_each(${value(name)}))` : undefined;
    },
  };
}

/** Parameters of a filter; null for a cursor that is none, which points behind everything. */
function parametersOf({ cursor, limit, ...filter }: PageRequest): Record<string, unknown> | null {
  const parameters: Record<string, unknown> = { limit: limit + 1 };
  for (const [name, given] of Object.entries(filter) as [string, unknown][]) {
    if (given === undefined) continue;
    if (Array.isArray(given) && given.length === 1) parameters[only(name)] = given[0];
    else if (Array.isArray(given))
      parameters[given.length < MANY ? name : many(name)] = JSON.stringify(given);
    else parameters[name] = name === "text" ? String(given).toLowerCase() : given;
  }
  if (cursor === undefined) return parameters;
  const position = decodeCursor(cursor);
  return position && { ...parameters, cursorAt: position.at, cursorId: position.id };
}

/**
 * Finds rows by whatever filters are given. Building a statement takes five times as long as running it, and few
 * combinations of filters are ever asked for: one statement is kept for each.
 */
export function createFind<Row>(
  build: (uses: Uses) => { all(parameters: Record<string, unknown>): Row[] },
): (filter: PageRequest) => Row[] {
  const statements = new Map<string, ReturnType<typeof build>>();
  return (filter) => {
    const parameters = parametersOf(filter);
    if (parameters === null) return [];
    const names = Object.keys(parameters).sort();
    const key = names.join();
    const statement = statements.get(key) ?? build(usesOf(new Set(names)));
    statements.set(key, statement);
    return statement.all(parameters);
  };
}
