/** Keeps metrics.db within its retention and its disk budget. */
import type { Connection } from "../connection.ts";
import { usedBytes } from "../sqlite.ts";
import type { Dictionary } from "./dictionary.ts";
import type { MetricsOptions, MetricsStore } from "./metrics-store.ts";
import { BUCKET_MS } from "./rollup.ts";
import { CHAIN_MS } from "./rows.ts";
import type { Writer } from "./writer.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function createPrune(
  connection: Connection,
  dictionary: Dictionary,
  writer: Writer,
  options: MetricsOptions,
): Pick<MetricsStore, "enforceBudget" | "removeNode" | "usedBytes"> {
  const nodes = () => connection.all<{ id: number }>("SELECT id FROM nodes").map((row) => row.id);

  /** Whole chains only: the rest of one that lost its first row could not be read. */
  const deleteRaw = (before: number): number =>
    writer.transaction(() => {
      const chainsBefore = before - CHAIN_MS;
      const removed = sum(nodes(), (node) =>
        connection.run("DELETE FROM raw WHERE node = ? AND at < ? AND chain < ?", node, before, chainsBefore),
      );
      writer.tidy(HOUR_MS, chainsBefore);
      return removed;
    });
  const deleteRollup = (before: number): number =>
    writer.transaction(() =>
      sum(nodes(), (node) =>
        connection.run("DELETE FROM rollup WHERE node = ? AND bucket < ?", node, before - BUCKET_MS),
      ),
    );

  /** Names are marked as seen once a day, hence the margin. */
  const deleteSeries = (before: number): void => {
    const removed = connection.run("DELETE FROM node_series WHERE seen_at < ?", before - 2 * DAY_MS);
    if (removed === 0) return;
    // What is in memory may know one of the names.
    writer.flush();
    connection.run(
      "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM node_series WHERE series = series.id)",
    );
  };

  const oldest = (table: "raw" | "rollup", column: "at" | "bucket"): number | null =>
    connection.get<{ oldest: number | null }>(
      // oxlint-disable-next-line cortex/no-sql-template -- one of two names each
      `SELECT min(first) AS oldest FROM
       (SELECT (SELECT min(${column}) FROM ${table} WHERE node = nodes.id) AS first FROM nodes)`,
    )?.oldest ?? null;

  const used = () => usedBytes(connection.handle());

  /** An eighth of the whole span at a time, so that little more goes than has to; each step removes the oldest at least. */
  const shed = (
    first: () => number | null,
    leastStep: number,
    remove: (before: number) => number,
  ): number => {
    let removed = 0;
    for (let from = first(); from !== null && used() > options.budgetBytes; from = first())
      removed += remove(from + Math.max(leastStep, (options.now() - from) / 8));
    return removed;
  };

  return {
    usedBytes: used,
    enforceBudget: () => {
      const now = options.now();
      let raw = deleteRaw(now - options.rawMs);
      let rollup = deleteRollup(now - options.rollupMs);
      deleteSeries(now - options.rollupMs);
      raw += shed(() => oldest("raw", "at"), 2 * CHAIN_MS + 1, deleteRaw);
      rollup += shed(() => oldest("rollup", "bucket"), 2 * BUCKET_MS, deleteRollup);
      // Pages freed by deletes stay in the file until they are given back.
      connection.handle().run("PRAGMA incremental_vacuum");
      return { raw, rollup };
    },
    removeNode: (name) => {
      const id = dictionary.findNode(name);
      if (id === null) return;
      writer.flush();
      writer.transaction(() => {
        for (const table of ["raw", "rollup", "node_series"])
          // oxlint-disable-next-line cortex/no-sql-template -- one of three names
          connection.run(`DELETE FROM ${table} WHERE node = ?`, id);
        connection.run("DELETE FROM nodes WHERE id = ?", id);
      });
      dictionary.reset();
    },
  };
}

function sum(items: readonly number[], count: (item: number) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
