/**
 * History of measured values: `metrics.db`. A file of its own, so that it can be dropped without loss of truth. One
 * compressed row per report; from these, five-minute roll-ups that live longer.
 */
export interface MetricsOptions {
  /** How long reports are kept as they came; ms. */
  rawMs: number;
  /** How long roll-ups are kept; ms. */
  rollupMs: number;
  /** Disk budget of the file; the oldest go first, raw before roll-ups. */
  budgetBytes: number;
  /** Epoch ms. */
  now: () => number;
  /** A node may not bring more names than this; further ones are not kept. Default 10 000. */
  maxSeriesPerNode?: number;
}

export type Resolution = "raw" | "5m" | "auto";

export interface MetricSeries {
  /** `check:target:metric` */
  series: string;
  /**
   * Epoch ms and value, ascending; a null value marks a gap. Unless raw, the time is the start of the bucket and the value
   * its mean, for counters (`…_total`) its last value.
   */
  points: [at: number, value: number | null][];
  /** Minimum and maximum of the bucket, one per point, null in a gap; null where the points are raw. */
  band: ([min: number, max: number] | null)[] | null;
}

export interface MetricsStore {
  /**
   * Keep the samples of one report; durable when it returns, or with the surrounding `transaction`. A report that is there
   * already (same node, same time) changes nothing. Values that are not finite are left out. Returns the number kept.
   */
  append(node: string, at: number, samples: Readonly<Record<string, number>>): number;
  /** Make many appends durable together; only this may be used around `append`. */
  transaction<T>(work: () => T): T;
  /**
   * Series whose names match one of the patterns (`*` stands for anything: `fs_space:*:fs.used_ratio`), between two times,
   * both included. `resolution` is the distance of the points in ms, or "raw" for what was reported, "5m" for the roll-ups,
   * "auto" for raw up to six hours and 5m beyond. Below 5 minutes and within the raw retention points are made from reports,
   * else from roll-ups.
   */
  query(
    node: string,
    patterns: readonly string[],
    from: number,
    to: number,
    resolution: Resolution | number,
  ): MetricSeries[];
  /** Names a node has reported within the roll-up retention, sorted. */
  seriesOf(node: string): string[];
  /**
   * Delete what is past its retention, then the oldest until the disk budget is kept: raw first, then roll-ups. Returns the
   * rows removed. To be called every few minutes.
   */
  enforceBudget(): { raw: number; rollup: number };
  /** Forget a node and all of its history. */
  removeNode(node: string): void;
  /** Bytes of the file that hold data. */
  usedBytes(): number;
  close(): void;
}
