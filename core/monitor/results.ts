/** Pure work on results: merging what a report brings into what is known, and what lists show of it. */
import type { WireResult } from "../wire/report.ts";
import type { NodeItem } from "./items.ts";

/**
 * A check says everything about its targets each time it runs: what it said before is replaced as a whole, so that
 * targets that are gone leave. Results of checks that did not run stay.
 */
export function mergeResults(known: WireResult[], fresh: WireResult[]): WireResult[] {
  const ran = new Set(fresh.map((result) => `${result.check}/${result.instance}`));
  return [...known.filter((result) => !ran.has(`${result.check}/${result.instance}`)), ...fresh];
}

export function countResults(results: WireResult[]): NodeItem["results"] {
  const counts = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  for (const result of results) counts[result.status] += 1;
  return counts;
}

/** Largest value per metric that is a share; what the fleet's meters show. */
export function ratiosOf(results: WireResult[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const { metrics } of results)
    for (const name in metrics) {
      if (!name.endsWith("_ratio")) continue;
      const value = metrics[name]!;
      if (ratios[name] === undefined || value > ratios[name]) ratios[name] = value;
    }
  return ratios;
}

/**
 * Metrics of a report as series for the history: `fs.used_ratio{/var}`, with `@instance` when there are several
 * instances of the check (`http.latency_seconds{https://example.org/}@shop`).
 */
export function samplesOf(results: WireResult[]): Record<string, number> {
  const samples: Record<string, number> = {};
  for (const { metrics, target, instance } of results)
    for (const name in metrics)
      samples[instance === "default" ? `${name}{${target}}` : `${name}{${target}}@${instance}`] =
        metrics[name]!;
  return samples;
}
