/** T03: who comes with a leaked token gets nothing, and changes nothing, until a person has let it in. */
import { join } from "node:path";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { createFetch } from "../../../core/ports/network/fetch.ts";
import { keyHashOf } from "../../../core/domain/node-key.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import { createUpstreamFiles } from "../../../core/store/upstream.ts";
import { createMonitorClient } from "../../../core/uplink/monitor-client.ts";
import { sampleHeartbeat, sampleReport } from "../../../core/testing/wire-samples.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine, type Machine } from "./remote.ts";
import { LETS_ALL_IN, spoilMonitor } from "./spoiled-store.ts";

/** Each message that a node may send, by hand and with the machine's own key. */
function messages(): [path: string, body: unknown][] {
  const at = Date.now();
  return [
    ["/api/v1/link/connect", { session: null, version: "1.0.0" }],
    ["/api/v1/link", { session: "x", answers: [], running: [], envelopes: [], waitSeconds: 0 }],
    ["/api/v1/link/rotate", {}],
    ["/api/v1/heartbeat", sampleHeartbeat(at)],
    ["/api/v1/reports", sampleReport(at)],
  ];
}

function clientOf({ dataDir }: Machine) {
  const keys = join(dataDir, "keys");
  const upstream = createUpstreamFiles(keys).read()!;
  const publicKey = Buffer.from(upstream.publicKey, "base64");
  const url = new URL(upstream.url);
  return createMonitorClient({
    fetch: createFetch(),
    clock: createSystemClock(),
    identity: loadIdentity(keys),
    // Above every start of the daemon.
    epoch: () => 1000,
    monitor: { url, fingerprint: upstream.fingerprint, keyHash: keyHashOf(publicKey), publicKey },
  });
}

async function intrude(rig: Rig, monitor: Cortex): Promise<string> {
  const rogue = await joinMachine(rig, monitor, { name: "rogue" });
  rogue.start();
  const link = await until(async () => (await rogue.link())?.state, {
    what: "it has asked to be let in",
    timeoutMs: 20_000,
  });
  const state = async () => {
    const node = await monitor.api<{ state: string; lastReportAt: string | null }>(
      "GET",
      `nodes/${rogue.id}`,
    );
    const checks = await monitor.api<{ items: unknown[] }>("GET", `checks?node=${rogue.id}`);
    const fleet = await monitor.api<{ items: { id: string }[] }>("GET", "nodes");
    const isListed = fleet.json.items.some(({ id }) => id === rogue.id);
    return [node.json.state, node.json.lastReportAt, checks.json.items.length, isListed];
  };
  await pause(3000);
  const nothing = ["pending", null, 0, false];
  ensureEqual(await state(), nothing, `what the machine reached by itself (it says ${link})`);
  const client = clientOf(rogue);
  await client.synchronize();
  const sent = messages();
  for (const [path, body] of sent) {
    const { status, code } = await client.post(path, body, 5000);
    ensureEqual([status, code], [403, "node.pending"], path);
  }
  ensureEqual(await state(), nothing, "what its messages reached");
  const order = await monitor.api("POST", "inspections", { node: rogue.id });
  ensure(order.status >= 400, "a waiting node was given an order");
  ensureEqual((await monitor.cli("nodes", "reject", "rogue")).code, 0, "reject");
  ensureEqual(
    (await client.post("/api/v1/heartbeat", sampleHeartbeat(Date.now()), 5000)).status,
    401,
    "rejected",
  );
  return `${sent.length} kinds of messages refused, no order given, nothing stored; rejected, its key is unknown`;
}

export default {
  name: "pending-gets-nothing",
  quick: true,
  timeoutMs: 90_000,
  threats: ["T03"],
  run: async (rig) => intrude(rig, await rig.cortex()),
  /** On a store that lets in whoever asks. */
  async control(rig) {
    const monitor = await rig.cortex();
    await spoilMonitor(monitor, LETS_ALL_IN);
    return intrude(rig, monitor);
  },
} satisfies Scenario;
