/** Builds WHERE clauses from the filters that were given. */
import type { Binding } from "../connection.ts";

type Value = string | number | readonly string[] | undefined;

/**
 * Conditions whose value is undefined are left out. A list is passed as JSON for `IN (SELECT value FROM json_each(?))`, so
 * that the text of the statement depends only on which filters are used. An empty list matches nothing.
 */
export function where(conditions: [sql: string, value: Value][]): { sql: string; bindings: Binding[] } {
  const used = conditions.filter(([, value]) => value !== undefined);
  if (used.length === 0) return { sql: "", bindings: [] };
  return {
    sql: `WHERE ${used.map(([sql]) => sql).join(" AND ")}`,
    bindings: used.map(([, value]) =>
      typeof value === "object" ? JSON.stringify(value) : (value as Binding),
    ),
  };
}

/** It is this id, or begins or ends with it: lists show the end. */
export const NAMED = `EXISTS (SELECT 1 FROM (SELECT ? AS wanted)
  WHERE wanted IN (substr(id, 1, length(wanted)), substr(id, -length(wanted))))`;

export const oneOf = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`;
