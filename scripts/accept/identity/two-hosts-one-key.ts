/** T07: a copied key file gives itself away within a minute, and neither host is believed until a person has decided. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createRemoteNode, joinString } from "../../../core/testing/remote-node.ts";
import { createTestApi } from "../../../core/testing/test-api.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine } from "./remote.ts";

const A_MINUTE_MS = 60_000;

async function run(rig: Rig): Promise<string> {
  const monitor = await rig.cortex();
  const real = await joinMachine(rig, monitor, { name: "web-1", token: ["--auto-approve"] });
  real.start();
  const state = async () => (await monitor.api<{ state: string }>("GET", `nodes/${real.id}`)).json.state;
  await until(async () => ["online", "degraded"].includes(await state()), {
    what: "it is online",
    timeoutMs: 30_000,
  });
  const copy = real.copy();
  copy.start();
  const started = now();
  await until(async () => (await state()) === "quarantined", {
    what: "both are shut out",
    timeoutMs: A_MINUTE_MS,
  });
  const tookMs = now() - started;
  for (const host of [real, copy])
    await until(async () => (await host.link())?.state === "quarantined", {
      what: "it is told",
      timeoutMs: 40_000,
    });
  const problems = await monitor.api<{ items: { type: string; level: string }[] }>(
    "GET",
    `problems?node=${real.id}&state=open`,
  );
  ensure(
    problems.json.items.some(({ type, level }) => type === "identity.conflict" && level === "L3"),
    "nobody is told",
  );
  const order = await monitor.api("POST", "settings/switch", {
    node: real.id,
    repairs: false,
    reason: "test",
  });
  ensureEqual(order.status, 503, "a quarantined node takes no orders");
  await copy.stop();
  ensureEqual((await monitor.cli("nodes", "release", "web-1")).code, 0, "release");
  await until(async () => ["online", "degraded"].includes(await state()), {
    what: "the real one is back",
    timeoutMs: 60_000,
  });
  return `two hosts seen after ${inTime(tookMs)}, both out, an L3 problem; released, the real one came back by itself`;
}

/** Without the check of sessions, on a test clock: an hour of both. */
async function control(rig: Rig): Promise<string> {
  const t = createTestApi({ unguarded: { sessions: true } });
  const keys = mkdtempSync(join(rig.folder, "keys-"));
  const a = createRemoteNode(t, { keys });
  await a.join(await joinString(t, { autoApprove: true }));
  const links = [a, createRemoteNode(t, { keys, epoch: 2, ip: "10.0.0.99" })].map(
    (one) => one.connect().uplink,
  );
  for (const uplink of links) {
    uplink.start();
    await t.clock.advance(100);
  }
  await t.clock.advance(3_600_000);
  for (const uplink of links) uplink.stop();
  ensureEqual(t.monitor.nodes.item(a.id)?.state, "quarantined", "two hosts with one key after an hour");
  return "seen";
}

export default {
  name: "two-hosts-one-key",
  quick: true,
  timeoutMs: 240_000,
  threats: ["T07"],
  run,
  control,
} satisfies Scenario;
