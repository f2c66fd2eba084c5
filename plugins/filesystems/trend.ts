/** When a file system will be full if it goes on as in the last hours. */

export interface Sample {
  /** Monotonic ms. */
  at: number;
  usedBytes: number;
}

/** Samples closer together than this say nothing new about hours. */
const MIN_GAP_MS = 55_000;

/** Add a sample and forget those older than the window. */
export function remember(samples: Sample[], sample: Sample, windowMs: number): void {
  const last = samples.at(-1);
  if (last !== undefined && sample.at - last.at < MIN_GAP_MS) return;
  samples.push(sample);
  const firstKept = samples.findIndex(({ at }) => at >= sample.at - windowMs);
  if (firstKept > 0) samples.splice(0, firstKept);
}

/** Slope of the least-squares line in bytes per ms; null for fewer than three samples. */
export function slopeOf(samples: readonly Sample[]): number | null {
  if (samples.length < 3) return null;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / samples.length;
  const meanUsed = samples.reduce((sum, { usedBytes }) => sum + usedBytes, 0) / samples.length;
  let covariance = 0;
  let variance = 0;
  for (const { at, usedBytes } of samples) {
    covariance += (at - meanAt) * (usedBytes - meanUsed);
    variance += (at - meanAt) ** 2;
  }
  return variance === 0 ? null : covariance / variance;
}

/**
 * Milliseconds until `freeBytes` are gone, or null when nothing points there. The slower of two trends counts, over all
 * samples and over their last `recentMs`: a single large copy bends the long one for hours after it ended. Samples must
 * span at least `recentMs`.
 */
export function fullAfter(samples: readonly Sample[], freeBytes: number, recentMs: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < recentMs) return null;
  const long = slopeOf(samples);
  const recent = slopeOf(samples.filter(({ at }) => at >= last.at - recentMs));
  if (long === null || recent === null) return null;
  const bytesPerMs = Math.min(long, recent);
  return bytesPerMs > 0 ? freeBytes / bytesPerMs : null;
}
