/** Numbers for the names of nodes and series. */
import type { Connection } from "../connection.ts";

export interface NamedSeries {
  id: number;
  name: string;
}

export interface Dictionary {
  /** null for a node that never reported. */
  findNode(name: string): number | null;
  node(name: string): number;
  series(name: string): number;
  seriesOf(node: string): NamedSeries[];
  /** Forget what is in memory; after a roll-back it may hold numbers that were never stored. */
  reset(): void;
}

export function createDictionary(connection: Connection): Dictionary {
  const nodes = new Map<string, number>();
  const seriesIds = new Map<string, number>();

  const findNode = (name: string): number | null => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const row = connection.get<{ id: number }>("SELECT id FROM nodes WHERE name = ?", name);
    if (row !== null) nodes.set(name, row.id);
    return row?.id ?? null;
  };

  return {
    findNode,
    node: (name) => {
      const known = findNode(name);
      if (known !== null) return known;
      const id = insertedId(connection, "INSERT INTO nodes (name) VALUES (?) RETURNING id", name);
      nodes.set(name, id);
      return id;
    },
    series: (name) => {
      const known = seriesIds.get(name);
      if (known !== undefined) return known;
      const row = connection.get<{ id: number }>("SELECT id FROM series WHERE name = ?", name);
      const id = row?.id ?? insertedId(connection, "INSERT INTO series (name) VALUES (?) RETURNING id", name);
      seriesIds.set(name, id);
      return id;
    },
    seriesOf: (node) =>
      connection.all<NamedSeries>(
        `SELECT series.id, series.name FROM nodes
         JOIN node_series ON node_series.node = nodes.id JOIN series ON series.id = node_series.series
         WHERE nodes.name = ? ORDER BY series.name`,
        node,
      ),
    reset: () => {
      nodes.clear();
      seriesIds.clear();
    },
  };
}

function insertedId(connection: Connection, sql: string, name: string): number {
  return connection.get<{ id: number }>(sql, name)?.id ?? 0;
}
