/** What the last probes said, and what is usual. */

export interface Probe {
  /** Monotonic ms. */
  at: number;
  /** What was wrong, one line; null for a good answer. */
  fault: string | null;
  latencyMs: number | null;
}

export interface Counts {
  total: number;
  bad: number;
  /** Bad answers as a share of all; 0 without any. */
  ratio: number;
  /** Median of the good answers within the window; null with fewer than three. */
  medianMs: number | null;
  /** 95th percentile of the good answers before the window; null until enough of them are known. */
  usualMs: number | null;
}

/** One latency a minute is kept for a day. */
const USUAL_GAP_MS = 60_000;
const USUAL_MAX = 1440;

/** Example: `quantile([1, 2, 3, 4], 0.5)` → 3 (nearest rank above). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/**
 * An outage that has ended: bad answers close together, and then a row of good ones. Single bad answers between good ones
 * are no outage but a server that fails now and then, and stay counted.
 */
function isOver(window: readonly Probe[], recover: number): boolean {
  const first = window.findIndex(({ fault }) => fault !== null);
  const last = window.findLastIndex(({ fault }) => fault !== null);
  if (first < 0 || window.length - 1 - last < recover) return false;
  const outage = window.slice(first, last + 1);
  return outage.filter(({ fault }) => fault !== null).length * 2 >= outage.length;
}

export function createHistory(options: { windowMs: number; recover: number; usualMin: number }) {
  let window: Probe[] = [];
  const usual: number[] = [];
  let lastUsualAt = Number.NEGATIVE_INFINITY;
  let usualMs: number | null = null;

  /** What leaves the window is what the window is compared with. */
  function retire(probe: Probe): void {
    if (probe.latencyMs === null || probe.fault !== null || probe.at - lastUsualAt < USUAL_GAP_MS) return;
    lastUsualAt = probe.at;
    usual.push(probe.latencyMs);
    if (usual.length > USUAL_MAX) usual.shift();
    usualMs = usual.length >= options.usualMin ? quantile(usual, 0.95) : null;
  }

  return {
    /** `wasBad`: the target was not ok before this probe; only then is there an outage that can end. */
    add(probe: Probe, wasBad: boolean): Counts {
      window.push(probe);
      for (const old of window) if (old.at <= probe.at - options.windowMs) retire(old);
      window = window.filter(({ at }) => at > probe.at - options.windowMs);
      if (wasBad && isOver(window, options.recover)) window = window.filter(({ fault }) => fault === null);
      const bad = window.filter(({ fault }) => fault !== null).length;
      const latencies = window.flatMap(({ fault, latencyMs }) =>
        fault === null && latencyMs !== null ? [latencyMs] : [],
      );
      return {
        total: window.length,
        bad,
        ratio: bad / window.length,
        medianMs: latencies.length < 3 ? null : quantile(latencies, 0.5),
        usualMs,
      };
    },
  };
}
