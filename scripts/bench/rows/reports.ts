/** Durable reports over HTTP, one a request, each from a node with a key of its own; ours and the floor take turns. */
import { Database } from "bun:sqlite";
import type { LoadOptions, LoadRequest, LoadResult } from "../clients/http.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import { median } from "../../accept/lib/stats.ts";
import { until } from "../../accept/lib/wait.ts";
import { runClient } from "../lib/client.ts";
import { cpuSeconds, memoryOf } from "../lib/cost.ts";
import { NO_RATE_LIMIT, nodeKeys, reportOf } from "../lib/fleet.ts";
import { floorArgv } from "../lib/floor.ts";
import type { Row } from "../row.ts";

const CONNECTIONS = 32;

interface Turn extends LoadResult {
  perSecond: number;
  /** Server's processor seconds per 1,000 reports. */
  cpuPerThousand: number;
}

/** Each connection speaks for some of the nodes. */
function requestsOf(keys: readonly string[]): LoadRequest[][] {
  const lists: LoadRequest[][] = Array.from({ length: CONNECTIONS }, () => []);
  keys.forEach((key, index) => {
    const body = JSON.stringify(reportOf("@AT@", index));
    lists[index % CONNECTIONS]!.push({ method: "POST", path: "/api/v1/reports", key, body });
  });
  return lists;
}

async function oneTurn(rig: Rig, pid: number, load: LoadOptions): Promise<Turn> {
  const before = cpuSeconds(pid);
  const result = await runClient<LoadResult>(rig, "http", load);
  const all = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
  const bad = all - (result.statuses["200"] ?? 0);
  if (bad > 0) throw new Error(`${bad} of ${all} requests failed: ${JSON.stringify(result.statuses)}`);
  return {
    ...result,
    perSecond: result.requests / result.seconds,
    cpuPerThousand: (1000 * (cpuSeconds(pid) - before)) / all,
  };
}

/** What was acknowledged must be there; a node's newest report stands in its row. */
function assertStored(file: string, nodes: number): void {
  const db = new Database(file, { readonly: true });
  const row = db
    .query<{ count: number }, []>("SELECT count(*) AS count FROM nodes WHERE last_report_at IS NOT NULL")
    .get();
  db.close();
  if ((row?.count ?? 0) < nodes) throw new Error(`only ${row?.count} of ${nodes} nodes have reported`);
}

export const reports: Row = {
  name: "reports",
  summary: "durable reports per second over HTTP at 32 connections",
  async run(rig) {
    const nodes = rig.quick ? 64 : 1024;
    const turns = rig.quick ? 1 : 3;
    const cortex = await rig.cortex({ config: { version: 1, ...NO_RATE_LIMIT } });
    const keys = await nodeKeys(cortex, nodes);
    const floorPort = await rig.port();
    const floor = rig.spawn(floorArgv("reports", String(floorPort), rig.folder));
    await until(() => fetch(`http://127.0.0.1:${floorPort}/healthz`).then((one) => one.ok), {
      what: "the floor answers",
      timeoutMs: 10_000,
    });
    const connections = requestsOf(keys);
    const times = rig.quick ? { warmUpMs: 800, measureMs: 1500 } : { warmUpMs: 3000, measureMs: 8000 };
    const ours: Turn[] = [];
    const theirs: Turn[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      ours.push(await oneTurn(rig, cortex.pid, { port: cortex.port, ...times, connections }));
      theirs.push(await oneTurn(rig, floor.pid, { port: floorPort, ...times, connections }));
    }
    assertStored(`${cortex.dataDir}/monitor.db`, nodes);
    const of = (all: Turn[], value: (turn: Turn) => number) => median(all.map(value));
    const both = (value: (turn: Turn) => number) => ({ ours: of(ours, value), floor: of(theirs, value) });
    const { rssMiB } = memoryOf(cortex.pid);
    return {
      figures: [
        {
          figure: "durable reports, one a request",
          unit: "1/s",
          better: "higher",
          budget: 12_000,
          ...both((turn) => turn.perSecond),
          note: `${CONNECTIONS} connections, ${nodes} nodes, 1.5 KB each; RSS afterwards ${Math.round(rssMiB)} MiB; the floor keeps the body as it came`,
        },
        { figure: "durable reports, p99", unit: "ms", budget: 10, ...both((turn) => turn.latency.p99) },
        { figure: "durable reports", unit: "CPU s per 1,000", ...both((turn) => turn.cpuPerThousand) },
      ],
    };
  },
};
