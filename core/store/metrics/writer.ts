/** Appends reports: the raw row, and the bucket that gathers in memory until the next one begins. */
import type { Connection } from "../connection.ts";
import { Chain, type Sample } from "./chain.ts";
import type { Dictionary } from "./dictionary.ts";
import type { MetricsOptions } from "./metrics-store.ts";
import { NodeSeries } from "./node-series.ts";
import { BUCKET_MS, bucketOf, type SeriesCell } from "./rollup.ts";
import { CHAIN_MS, loadBucket, newestIn, readRaw, storeBucket } from "./rows.ts";

const DAY_MS = 86_400_000;

interface NodeState {
  id: number;
  chain: { start: number; lastAt: number; encoder: Chain } | null;
  /** Start of the bucket being gathered. */
  bucket: number | null;
  /** Time of the newest report in it. */
  newestInBucket: number;
  /** The samples of the bucket, and which series have a `seen_at` of `seenDay`. */
  series: NodeSeries;
  seenDay: number;
  /** Number of names ever reported. */
  known: number;
  /** Wall ms of the last append. */
  usedAt: number;
}

export interface Writer {
  append(node: string, at: number, samples: Readonly<Record<string, number>>): number;
  transaction<T>(work: () => T): T;
  /** The bucket of a node that is not written yet. */
  openBucket(node: string): { bucket: number; cells: Iterable<SeriesCell> } | null;
  /** Write all open buckets and forget what is in memory. */
  flush(): void;
  /** Write and forget the nodes that sent nothing for this long, and those that continue a chain that began before a time. */
  tidy(idleMs: number, chainsBefore: number): void;
}

export function createWriter(
  connection: Connection,
  dictionary: Dictionary,
  options: MetricsOptions,
): Writer {
  const states = new Map<string, NodeState>();
  const maxSeries = options.maxSeriesPerNode ?? 10_000;

  const reset = () => {
    states.clear();
    dictionary.reset();
  };

  /** Differences refer to rows that are stored: after a roll-back nothing in memory may be built upon. */
  const transaction = <T>(work: () => T): T => {
    try {
      return connection.transaction(work);
    } catch (error) {
      reset();
      throw error;
    }
  };

  const stateOf = (node: string): NodeState => {
    const known = states.get(node);
    if (known !== undefined) return known;
    const state = loadState(connection, dictionary.node(node));
    states.set(node, state);
    return state;
  };

  const append: Writer["append"] = (node, at, named) =>
    transaction(() => {
      const state = stateOf(node);
      state.usedAt = options.now();
      const exists = connection.get("SELECT 1 FROM raw WHERE node = ? AND at = ?", state.id, at) !== null;
      if (exists) return 0;
      const samples = identify(connection, dictionary, state, named, at, maxSeries);
      if (samples.length === 0) return 0;
      if (state.bucket !== bucketOf(at)) turnBucket(connection, state, bucketOf(at));
      const { chain, blob } = encode(state, at, samples, options.now());
      connection.run(
        "INSERT INTO raw (node, at, chain, samples) VALUES (?, ?, ?, ?)",
        state.id,
        at,
        chain,
        blob,
      );
      for (const [series, value] of samples) state.series.add(series, value, at > state.newestInBucket);
      state.newestInBucket = Math.max(at, state.newestInBucket);
      return samples.length;
    });

  return {
    append,
    transaction,
    openBucket: (node) => {
      if (dictionary.findNode(node) === null) return null;
      const { bucket, series } = stateOf(node);
      return bucket === null ? null : { bucket, cells: series.cells() };
    },
    flush: () => {
      transaction(() => {
        for (const state of states.values()) turnBucket(connection, state, null);
      });
      reset();
    },
    tidy: (idleMs, chainsBefore) => {
      const idle = [...states].filter(([, state]) => state.usedAt < options.now() - idleMs);
      transaction(() => {
        for (const [, state] of idle) turnBucket(connection, state, null);
      });
      for (const [node] of idle) states.delete(node);
      for (const state of states.values())
        if (state.chain !== null && state.chain.start < chainsBefore)
          state.chain = endedChain(state.chain.lastAt);
    },
  };
}

/** A chain that can't be continued, but says up to where rows exist. */
const endedChain = (lastAt: number) => ({ start: lastAt - CHAIN_MS, lastAt, encoder: new Chain() });

function identify(
  connection: Connection,
  dictionary: Dictionary,
  state: NodeState,
  named: Readonly<Record<string, number>>,
  at: number,
  maxSeries: number,
): Sample[] {
  const day = Math.floor(at / DAY_MS);
  if (day > state.seenDay) {
    state.series.forgetSeen();
    state.seenDay = day;
  }
  const samples: Sample[] = [];
  for (const [name, value] of Object.entries(named)) {
    if (!Number.isFinite(value)) continue;
    const id = dictionary.series(name);
    if (!state.series.isSeen(id) && !markSeen(connection, state, id, at, maxSeries)) continue;
    samples.push([id, value]);
  }
  return samples;
}

function markSeen(
  connection: Connection,
  state: NodeState,
  id: number,
  at: number,
  maxSeries: number,
): boolean {
  const updated = connection.run(
    "UPDATE node_series SET seen_at = max(seen_at, ?) WHERE node = ? AND series = ?",
    at,
    state.id,
    id,
  );
  if (updated === 0) {
    if (state.known >= maxSeries) return false;
    connection.run("INSERT INTO node_series (node, series, seen_at) VALUES (?, ?, ?)", state.id, id, at);
    state.known += 1;
  }
  state.series.setSeen(id);
  return true;
}

/**
 * A report from before the newest one gets a chain of its own, because the rows of a chain ascend; the current chain goes on.
 * Not so when the newest is from the future: a node's clock was wrong, and is right again.
 */
function encode(
  state: NodeState,
  at: number,
  samples: readonly Sample[],
  now: number,
): { chain: number; blob: Uint8Array } {
  const current = state.chain;
  const isLate = current !== null && at <= current.lastAt;
  if (isLate && current.lastAt <= now + CHAIN_MS)
    return { chain: at, blob: new Chain(state.series.slotOf).encode(samples) };
  const continues = current !== null && !isLate && at < current.start + CHAIN_MS;
  const chain = continues ? current : { start: at, lastAt: at, encoder: new Chain(state.series.slotOf) };
  state.chain = chain;
  chain.lastAt = at;
  return { chain: chain.start, blob: chain.encoder.encode(samples) };
}

/** Write the open bucket and begin another, with what is already stored of that one (late reports). */
function turnBucket(connection: Connection, state: NodeState, next: number | null): void {
  if (state.bucket !== null) storeBucket(connection, state.id, state.bucket, [...state.series.cells()]);
  state.series.clearCells();
  state.bucket = next;
  if (next !== null) loadBucket(connection, state.series, state.id, next);
  state.newestInBucket = next === null ? 0 : newestIn(connection, state.id, next);
  connection.run("UPDATE nodes SET open_bucket = ? WHERE id = ?", next, state.id);
}

/** After a restart the bucket that was open is made again from its raw rows; if they are gone, from what was stored. */
function loadState(connection: Connection, id: number): NodeState {
  const row = connection.get<{ bucket: number | null; known: number }>(
    `SELECT open_bucket AS bucket, (SELECT count(*) FROM node_series WHERE node = nodes.id) AS known
     FROM nodes WHERE id = ?`,
    id,
  );
  const bucket = row?.bucket ?? null;
  const newest =
    connection.get<{ at: number | null }>("SELECT max(at) AS at FROM raw WHERE node = ?", id)?.at ?? null;
  const series = new NodeSeries();
  if (bucket !== null) {
    const reports = readRaw(connection, id, bucket, bucket + BUCKET_MS - 1);
    for (const { samples } of reports) for (const [name, value] of samples) series.add(name, value, true);
    if (reports.length === 0) loadBucket(connection, series, id, bucket);
  }
  const chain = newest === null ? null : endedChain(newest);
  const newestInBucket = bucket === null ? 0 : newestIn(connection, id, bucket);
  return {
    id,
    chain,
    bucket,
    newestInBucket,
    series,
    seenDay: 0,
    known: row?.known ?? 0,
    usedAt: 0,
  };
}
