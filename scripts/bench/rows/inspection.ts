/** One inspection: all checks at once in the running daemon, and what each check takes by itself. */
import type { Cortex } from "../../accept/lib/cortex.ts";
import type { Live } from "../../accept/lib/live.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import { until } from "../../accept/lib/wait.ts";
import { runClient } from "../lib/client.ts";
import { cpuSeconds } from "../lib/cost.ts";
import { floorFigure } from "../lib/floor.ts";
import { missing, NODE_EXPORTER } from "../lib/installed.ts";
import { startExporter } from "../lib/peers.ts";
import { number } from "../table.ts";
import type { Outcome, Row } from "../row.ts";

interface CheckCosts {
  checks: { check: string; results: number; cpuMs: number }[];
  /** All of them in one go, ms of processor time. */
  roundCpuMs: number;
}

const MOST_EXPENSIVE = 10;

/** Milliseconds of processor time per call, one after the other without a pause. */
async function perCall(pid: number, calls: number, call: () => Promise<unknown>): Promise<number> {
  const before = cpuSeconds(pid);
  for (let index = 0; index < calls; index += 1) await call();
  return (1000 * (cpuSeconds(pid) - before)) / calls;
}

/** Asks for all checks and waits until each has run. */
function createRunAll(cortex: Cortex, live: Live, count: number): () => Promise<void> {
  return async () => {
    live.clear();
    const { status, text } = await cortex.api("POST", "inspections", {});
    if (status !== 202) throw new Error(`POST inspections: ${status} ${text}`);
    const done = () =>
      new Set(live.items("inspections").flatMap(({ item }) => (item.state === "done" ? [item.check] : [])));
    await until(() => done().size >= count, { what: "all checks have run", timeoutMs: 20_000, everyMs: 20 });
  };
}

async function exporterScrape(rig: Rig): Promise<number | null> {
  if (missing(NODE_EXPORTER) !== null) return null;
  const exporter = await startExporter(rig);
  for (let index = 0; index < 20; index += 1) await exporter.scrape();
  return perCall(exporter.pid, rig.quick ? 30 : 200, exporter.scrape);
}

export const inspection: Row = {
  name: "inspection",
  summary: "processor time of one inspection with all checks, and of each check",
  async run(rig): Promise<Outcome> {
    const rounds = rig.quick ? 4 : 40;
    const costs = await runClient<CheckCosts>(rig, "checks", { rounds: rig.quick ? 30 : 300 });
    const cortex = await rig.cortex();
    const live = await cortex.live(["inspections"]);
    const runAll = createRunAll(cortex, live, costs.checks.length);
    for (let index = 0; index < rounds / 2; index += 1) await runAll();
    const whole = await perCall(cortex.pid, rounds, runAll);
    const floor = await floorFigure(rig, "snapshot");
    const reason = missing(NODE_EXPORTER);
    const peer = {
      name: "node_exporter scrape",
      value: await exporterScrape(rig),
      ...(reason !== null && { skipped: reason }),
    };
    const count = costs.checks.length;
    const dear = costs.checks.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, MOST_EXPENSIVE);
    const list = dear.map(({ check, cpuMs }) => `${check} ${number(cpuMs * 1000)} µs`).join(", ");
    return {
      figures: [
        {
          figure: `inspection, ${count} checks`,
          unit: "CPU ms",
          ours: costs.roundCpuMs,
          floor,
          peer,
          budget: count > 35 ? 10 : 5,
          note: "the checks alone, warm, in a process of their own; floor: one snapshot of /proc",
        },
        {
          figure: "inspection asked for over the API",
          unit: "CPU ms",
          ours: whole,
          peer,
          note: "with what each run means, two messages for it, audit, three databases and history, all durable",
        },
      ],
      details: [`dearest checks: ${list}`],
    };
  },
};
