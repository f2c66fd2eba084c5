/** One change, stored and then told to every dashboard that is open. */
import type { LiveOptions, LiveResult } from "../clients/live.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import { until } from "../../accept/lib/wait.ts";
import { runClient } from "../lib/client.ts";
import { NO_RATE_LIMIT, nodeKeys } from "../lib/fleet.ts";
import { floorArgv } from "../lib/floor.ts";
import type { Figure, Row } from "../row.ts";

async function startFloor(rig: Rig): Promise<string> {
  const port = await rig.port();
  const url = `http://127.0.0.1:${port}`;
  rig.spawn(floorArgv("live", String(port)));
  await until(() => fetch(url).then((one) => one.ok), { what: "the floor answers", timeoutMs: 10_000 });
  return url;
}

export const live: Row = {
  name: "live",
  summary: "WebSocket: a change until every one of N clients has it",
  async run(rig) {
    const cortex = await rig.cortex({ config: { version: 1, ...NO_RATE_LIMIT } });
    const [nodeKey] = await nodeKeys(cortex, 1);
    const common = { viewerKey: await cortex.key("viewer"), nodeKey: nodeKey! };
    const floorUrl = await startFloor(rig);
    const figures: Figure[] = [];
    for (const clients of [100, 1000]) {
      const options: LiveOptions = { ...common, url: cortex.url, clients, rounds: rig.quick ? 3 : 20 };
      const ours = await runClient<LiveResult>(rig, "live", options);
      const floor = await runClient<LiveResult>(rig, "live", { ...options, url: floorUrl });
      const name = `WebSocket, change → ${clients.toLocaleString("en-US")} clients`;
      const note = "from the POST until each client has it, stored in between; floor: not stored, not read";
      figures.push({ figure: `${name}, p50`, unit: "ms", ours: ours.p50, floor: floor.p50, note });
      figures.push({ figure: `${name}, p99`, unit: "ms", ours: ours.p99, floor: floor.p99, budget: 25 });
    }
    return { figures };
  },
};
