/** Bytes per sample of the history, as the file lies on the disk. */
import { statSync } from "node:fs";
import { createMetricsStore } from "../../../core/store/metrics/create-metrics-store.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import type { Row } from "../row.ts";

const REPORT_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The names and first values of this very host. */
async function firstReading(rig: Rig): Promise<Record<string, number>> {
  const config = rig.file("config.yaml", "");
  const { stdout } = await rig.run([await rig.binary(), "inspect", "--json", "--config", config]);
  const { results } = JSON.parse(stdout) as {
    results: { check: string; target: string; metrics: Record<string, number> }[];
  };
  return Object.fromEntries(
    results.flatMap(({ check, target, metrics }) =>
      Object.entries(metrics).map(([name, value]) => [`${check}:${target}:${name}`, value]),
    ),
  );
}

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a busy host would say next: counters climb unevenly, ratios and times wander, sizes move by pages, limits stand. */
function nextValue(name: string, value: number, random: () => number): number {
  if (/(_total|uptime_seconds)$/.test(name)) return value + Math.floor(random() * 500);
  if (/(limit|max|size|capacity|count|total)(_bytes)?$/.test(name)) return value;
  if (random() < 0.3) return value;
  if (name.endsWith("_bytes")) return Math.max(0, value + Math.round((random() - 0.5) * 2000) * 4096);
  if (Number.isInteger(value)) return Math.max(0, value + Math.round((random() - 0.5) * 4));
  const wandered = value + (random() - 0.5) * Math.max(0.02, Math.abs(value) * 0.1);
  return Math.max(0, name.endsWith("_ratio") ? Math.min(1, wandered) : wandered);
}

export const history: Row = {
  name: "history",
  summary: "bytes per sample of the metric history",
  async run(rig) {
    const reading = await firstReading(rig);
    const to = Date.now();
    const from = to - (rig.quick ? 4 * HOUR_MS : DAY_MS);
    const file = `${rig.folder}/metrics.db`;
    const options = { rawMs: 2 * DAY_MS, rollupMs: 90 * DAY_MS, budgetBytes: 2 ** 30, now: () => to };
    const metrics = createMetricsStore(file, options);
    const random = createRandom(7);
    let samples = 0;
    const began = process.cpuUsage();
    for (let at = from; at < to; at += REPORT_MS) {
      for (const name of Object.keys(reading)) reading[name] = nextValue(name, reading[name]!, random);
      samples += metrics.append("n_bench", at, reading);
    }
    metrics.close();
    const { user, system } = process.cpuUsage(began);
    const count = Object.keys(reading).length;
    return {
      figures: [
        {
          figure: "history, raw and roll-ups",
          unit: "bytes/sample",
          ours: statSync(file).size / samples,
          floor: 16,
          budget: 2,
          note: `${samples.toLocaleString("en-US")} samples of ${count} series every 15 s, starting from this host's and wandering; floor: time and value as two doubles`,
        },
        {
          figure: "history, append of one report",
          unit: "CPU ms",
          ours: (user + system) / 1000 / (samples / count),
        },
      ],
    };
  },
};
