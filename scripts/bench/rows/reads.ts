/** What a dashboard and programs ask, all at once, of a Monitor that knows thousands of nodes. */
import type { LoadOptions, LoadRequest, LoadResult } from "../clients/http.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import { median } from "../../accept/lib/stats.ts";
import { runClient } from "../lib/client.ts";
import { NO_RATE_LIMIT, seedNodes } from "../lib/fleet.ts";
import { nodeName } from "../lib/seed.ts";
import { floorArgv } from "../lib/floor.ts";
import { number } from "../table.ts";
import type { Figure, Outcome, Row } from "../row.ts";
import { until } from "../../accept/lib/wait.ts";

const CONNECTIONS = 32;

/** One of each; in the mix they come equally often. */
function kindsOf(index: number): Record<string, string> {
  const node = nodeName(index);
  const series = encodeURIComponent("fs_space:*:fs.used_ratio");
  return {
    nodes: "/api/v1/nodes?limit=100",
    node: `/api/v1/nodes/${node}`,
    metrics: `/api/v1/nodes/${node}/metrics?series=${series}`,
    problems: "/api/v1/problems?state=open",
    intents: "/api/v1/intents",
    checks: `/api/v1/checks?node=${node}`,
    inspections: `/api/v1/inspections?node=${node}`,
  };
}

const get = (path: string, key: string): LoadRequest => ({ method: "GET", path, key });

async function load(rig: Rig, options: LoadOptions): Promise<LoadResult> {
  const result = await runClient<LoadResult>(rig, "http", options);
  const bad = Object.entries(result.statuses).filter(([status]) => status !== "200");
  if (bad.length > 0) throw new Error(`reads failed: ${JSON.stringify(result.statuses)}`);
  return result;
}

export const reads: Row = {
  name: "reads",
  summary: "reads of the API at 32 connections, thousands of nodes in the store",
  async run(rig): Promise<Outcome> {
    const nodes = rig.quick ? 1000 : 10_000;
    const dataDir = `${rig.folder}/data`;
    await seedNodes(dataDir, nodes, rig.quick ? 2 : 8);
    const cortex = await rig.cortex({ dataDir, config: { version: 1, ...NO_RATE_LIMIT } });
    const key = await cortex.key("viewer");
    const floorPort = await rig.port();
    rig.spawn(floorArgv("hello", String(floorPort)));
    await until(() => fetch(`http://127.0.0.1:${floorPort}/healthz`).then((one) => one.ok), {
      what: "the floor answers",
      timeoutMs: 10_000,
    });
    const times = rig.quick ? { warmUpMs: 800, measureMs: 1200 } : { warmUpMs: 3000, measureMs: 6000 };
    const mixed = Array.from({ length: CONNECTIONS }, (_, connection) =>
      Array.from({ length: 20 }, (_one, turn) =>
        Object.values(kindsOf((connection * 331 + turn * 37) % nodes)),
      )
        .flat()
        .map((path) => get(path, key)),
    );
    const hello = mixed.map(() => [get("/healthz", "none")]);
    const ours: LoadResult[] = [];
    const floor: LoadResult[] = [];
    for (let turn = 0; turn < (rig.quick ? 1 : 3); turn += 1) {
      ours.push(await load(rig, { port: cortex.port, ...times, connections: mixed }));
      floor.push(await load(rig, { port: floorPort, ...times, connections: hello }));
    }
    const figure = (what: "p50" | "p95" | "p99", budget: number): Figure => ({
      figure: `API reads, ${what}`,
      unit: "ms",
      ours: median(ours.map((one) => one.latency[what])),
      floor: median(floor.map((one) => one.latency[what])),
      budget,
    });
    const rates = median(ours.map((one) => one.requests / one.seconds));
    const note = `${CONNECTIONS} connections without a pause, ${nodes} nodes, seven kinds equally often, ${number(rates)} answers/s; floor: an empty answer`;
    const single = { warmUpMs: rig.quick ? 50 : 500, measureMs: rig.quick ? 150 : 1500 };
    const parts: string[] = [];
    for (const [kind, path] of Object.entries(kindsOf(17))) {
      const { latency } = await load(rig, { port: cortex.port, ...single, connections: [[get(path, key)]] });
      parts.push(`${kind} ${number(latency.p50)} ms`);
    }
    return {
      figures: [{ ...figure("p50", 5), note }, figure("p95", 15), figure("p99", 30)],
      details: [`API reads one at a time, p50: ${parts.join(", ")}`],
    };
  },
};
