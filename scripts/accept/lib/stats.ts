/** Figures of repeated measurements. */

/** Nearest rank: `percentile(values, 0.95)`. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** "412 ms", "2.31 s". */
export const inTime = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** "median 412 ms, p95 700 ms, max 1.20 s". */
export const spread = (values: readonly number[]): string =>
  `median ${inTime(median(values))}, p95 ${inTime(percentile(values, 0.95))}, max ${inTime(Math.max(...values))}`;
