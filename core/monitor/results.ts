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

/** Of a host on which everything broke at once, nobody reads more. */
const MOST_CONFIRMING = 20;

/** What is bad and no problem yet, worst first; what is only observed waits for nobody. */
export function confirmingOf(results: WireResult[]): NodeItem["confirming"] {
  return results
    .flatMap(({ check, target, status, observe, confirming }) =>
      confirming !== undefined && !observe && (status === "warning" || status === "critical")
        ? [{ check, target, status, ...confirming }]
        : [],
    )
    .sort((a, b) => Number(b.status === "critical") - Number(a.status === "critical"))
    .slice(0, MOST_CONFIRMING);
}

/** Shares in use that the fleet's meters show, by the metric names that checks of processor, memory and disks share. */
export function metersOf(results: WireResult[]): NodeItem["metrics"] {
  const meters: NodeItem["metrics"] = {};
  for (const { metrics } of results) {
    const cpu = metrics["cpu.usage_ratio"];
    const available = metrics["memory.available_ratio"];
    const disk = metrics["fs.used_ratio"];
    if (cpu !== undefined) meters.cpuRatio = cpu;
    if (available !== undefined) meters.memoryRatio = 1 - available;
    if (disk !== undefined) meters.diskRatio = Math.max(disk, meters.diskRatio ?? 0);
  }
  return meters;
}

/** Metrics of a report as series of the history: `fs_space:/var:fs.used_ratio`, `http~shop:https://…:http.seconds`. */
export function samplesOf(results: WireResult[]): Record<string, number> {
  const samples: Record<string, number> = {};
  for (const { check, instance, target, metrics } of results) {
    const source = instance === "default" ? `${check}:${target}` : `${check}~${instance}:${target}`;
    for (const name in metrics) samples[`${source}:${name}`] = metrics[name]!;
  }
  return samples;
}
