/** Values of every metric of this host, read again and again; one line of JSON: `[{ "fs_space:/var:fs.used_ratio": 0.4 }]`. */
import type { Inspection } from "../../../core/pipeline/watch/inspect.ts";
import { samplesOf } from "../../../core/monitor/results.ts";
import { openChecks } from "../lib/checks.ts";
import { answer, readOptions } from "./options.ts";

const PAUSE_MS = 40;
/** The first readings have no rates yet. */
const WARM_UP = 2;
const { count } = await readOptions<{ count: number }>();
const host = await openChecks();
const readings: Record<string, number>[] = [];
/** The last of each check: what waits is not asked again. */
const last = new Map<string, Inspection>();
for (let round = 0; round < WARM_UP + count; round += 1) {
  host.beginTick();
  const reading: Record<string, number> = {};
  for (const one of host.checks) {
    const { key, check, instance } = one;
    const inspection = (host.slow.has(one) && last.get(key)) || (await host.look(one));
    last.set(key, inspection);
    const { results } = inspection;
    const wire = results.map((result) => ({
      check: check.name,
      instance,
      target: result.target,
      status: result.status,
      summary: "",
      metrics: result.metrics ?? {},
      labels: {},
      observe: false,
      at: "",
    }));
    Object.assign(reading, samplesOf(wire));
  }
  if (round >= WARM_UP) readings.push(reading);
  await Bun.sleep(PAUSE_MS);
}
await host.stop();
await answer(readings);
