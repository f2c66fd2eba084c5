/** Bytes per sample of the history, as the file lies on the disk. */
import { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { createMetricsStore } from "../../../core/store/metrics/create-metrics-store.ts";
import { runClient } from "../lib/client.ts";
import type { Row } from "../row.ts";

const REPORT_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Counters go on where the recording ended; everything else comes round again. */
const climbs = (name: string) => /(_total|uptime_seconds)$/.test(name);

/** What was reported at a turn, when the recording is played over and over. */
function played(recording: readonly Record<string, number>[], turn: number): Record<string, number> {
  const [first, last] = [recording[0]!, recording.at(-1)!];
  const rounds = Math.floor(turn / recording.length);
  const reading = recording[turn % recording.length]!;
  return Object.fromEntries(
    Object.entries(reading).map(([name, value]) => [
      name,
      climbs(name) ? value + rounds * ((last[name] ?? value) - (first[name] ?? value)) : value,
    ]),
  );
}

function rawBytes(file: string): number {
  const db = new Database(file, { readonly: true });
  const row = db.query<{ bytes: number }, []>("SELECT sum(length(samples)) AS bytes FROM raw").get();
  db.close();
  return row?.bytes ?? NaN;
}

export const history: Row = {
  name: "history",
  summary: "bytes per sample of the metric history",
  async run(rig) {
    const count = rig.quick ? 30 : 300;
    const recording = await runClient<Record<string, number>[]>(rig, "readings", { count });
    const to = Date.now();
    const from = to - (rig.quick ? 3 * HOUR_MS : DAY_MS);
    const file = `${rig.folder}/metrics.db`;
    const options = { rawMs: 2 * DAY_MS, rollupMs: 90 * DAY_MS, budgetBytes: 2 ** 30, now: () => to };
    const metrics = createMetricsStore(file, options);
    let samples = 0;
    let reports = 0;
    const began = process.cpuUsage();
    for (let at = from; at < to; at += REPORT_MS) {
      samples += metrics.append("n_bench", at, played(recording, reports));
      reports += 1;
    }
    metrics.close();
    const { user, system } = process.cpuUsage(began);
    const note = `${samples.toLocaleString("en-US")} samples, ${Math.round(samples / reports)} every 15 s, ${count} readings of this host over and over; floor: time and value as two doubles`;
    return {
      figures: [
        {
          figure: "history, raw",
          unit: "bytes/sample",
          ours: rawBytes(file) / samples,
          floor: 16,
          budget: 2,
          note,
        },
        {
          figure: "history, whole file with roll-ups",
          unit: "bytes/sample",
          ours: statSync(file).size / samples,
          floor: 16,
        },
        { figure: "history, append of one report", unit: "CPU ms", ours: (user + system) / 1000 / reports },
      ],
    };
  },
};
