/** Reads and writes the rows of reports and buckets. */
import type { Connection } from "../connection.ts";
import { Chain, type Sample } from "./chain.ts";
import type { NodeSeries } from "./node-series.ts";
import { BUCKET_MS, decodeBucket, encodeBucket, type SeriesCell } from "./rollup.ts";

/** A chain ends after this time, so that a reader needs no more rows than these before the first one it wants. */
export const CHAIN_MS = 15 * 60_000;

/** Time of the newest report in a bucket; 0 when there is none. */
export function newestIn(connection: Connection, node: number, bucket: number): number {
  const row = connection.get<{ at: number | null }>(
    "SELECT max(at) AS at FROM raw WHERE node = ? AND at >= ? AND at < ?",
    node,
    bucket,
    bucket + BUCKET_MS,
  );
  return row?.at ?? 0;
}

export function storeBucket(
  connection: Connection,
  node: number,
  bucket: number,
  cells: readonly SeriesCell[],
): void {
  if (cells.length === 0) return;
  connection.run(
    "INSERT OR REPLACE INTO rollup (node, bucket, cells) VALUES (?, ?, ?)",
    node,
    bucket,
    encodeBucket(cells),
  );
}

export function loadBucket(connection: Connection, series: NodeSeries, node: number, bucket: number): void {
  const row = connection.get<{ cells: Uint8Array }>(
    "SELECT cells FROM rollup WHERE node = ? AND bucket = ?",
    node,
    bucket,
  );
  if (row !== null) for (const [id, cell] of decodeBucket(row.cells, null)) series.put(id, cell);
}

/** Reports between two times, ascending. */
export function readRaw(
  connection: Connection,
  node: number,
  from: number,
  to: number,
): { at: number; samples: Sample[] }[] {
  const rows = connection.all<{ at: number; chain: number; samples: Uint8Array }>(
    "SELECT at, chain, samples FROM raw WHERE node = ? AND at > ? AND at <= ? ORDER BY at",
    node,
    from - CHAIN_MS,
    to,
  );
  const decoders = new Map<number, Chain>();
  const reports: { at: number; samples: Sample[] }[] = [];
  for (const row of rows) {
    // The beginning of this chain lies before the rows that were read, and so do all of its rows that are wanted.
    if (row.chain <= from - CHAIN_MS) continue;
    const decoder = decoders.get(row.chain) ?? new Chain();
    decoders.set(row.chain, decoder);
    const samples = decoder.decode(row.samples);
    if (row.at >= from) reports.push({ at: row.at, samples });
  }
  return reports;
}
