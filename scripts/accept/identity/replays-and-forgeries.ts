/** T14–T16: a thousand replayed, altered and foreign messages of a real node change nothing, also after a restart. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createRemoteNode, joinString } from "../../../core/testing/remote-node.ts";
import { createTestApi } from "../../../core/testing/test-api.ts";
import { sampleHeartbeat } from "../../../core/testing/wire-samples.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { createRandom } from "../lib/random.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine } from "./remote.ts";

const MESSAGES = 1000;

interface Caught {
  path: string;
  authorization: string;
  body: string;
}

/** Somebody on the way who writes everything down. */
async function startTap(rig: Rig, monitor: Cortex): Promise<{ url: string; caught: Caught[] }> {
  const caught: Caught[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: await rig.port(),
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const authorization = request.headers.get("authorization") ?? "";
      const body = await request.text();
      if (authorization !== "") caught.push({ path: pathname + search, authorization, body });
      const headers = new Headers(request.headers);
      headers.set("host", `127.0.0.1:${monitor.port}`);
      return fetch(`${monitor.url}${pathname}${search}`, {
        method: request.method,
        headers,
        ...(request.method === "POST" && { body }),
      });
    },
  });
  rig.atEnd(() => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}`, caught };
}

const send = async (to: string, { path, authorization, body }: Caught) =>
  (
    await fetch(to + path, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body,
    })
  ).status;

function altered({ path, authorization, body }: Caught, at: number): Caught {
  const text = at % 3 === 0 ? authorization : body;
  const place = at % 3 === 0 ? "Cortex-Ed25519 ".length + (at % (text.length - 20)) : at % text.length;
  const changed = text.slice(0, place) + (text[place] === "1" ? "2" : "1") + text.slice(place + 1);
  return at % 3 === 0 ? { path, authorization: changed, body } : { path, authorization, body: changed };
}

async function run(rig: Rig): Promise<string> {
  const [monitor, other] = [await rig.cortex(), await rig.cortex()];
  const tap = await startTap(rig, monitor);
  const machine = await joinMachine(rig, monitor, {
    name: "web-1",
    token: ["--auto-approve"],
    line: { url: tap.url, fingerprint: "" },
  });
  machine.start();
  await until(() => tap.caught.length > 20, { what: "some messages", timeoutMs: 60_000 });
  await machine.stop();
  await pause(500);
  const state = async () => {
    const node = (await monitor.api<object>("GET", `nodes/${machine.id}`)).json;
    const problems = (await monitor.api<object>("GET", `problems?node=${machine.id}`)).json;
    const runs = (await monitor.api<object>("GET", `inspections?node=${machine.id}&limit=500`)).json;
    return JSON.stringify([{ ...node, state: "", connected: null }, problems, runs]);
  };
  const before = await state();
  const random = createRandom();
  const statuses = new Map<string, number>();
  const note = (kind: string, status: number) => {
    ensure(status >= 400, `${kind}: ${status}`);
    const key = `${kind} ${status}`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
  };
  for (let n = 0; n < MESSAGES; n += 1) {
    const caught = tap.caught[Math.floor(random.next() * tap.caught.length)]!;
    if (n % 3 === 0) note("replayed", await send(monitor.url, caught));
    else if (n % 3 === 1) note("altered", await send(monitor.url, altered(caught, n)));
    else note("foreign", await send(other.url, caught));
    if (n === MESSAGES / 2) await monitor.restart();
  }
  ensureEqual(await state(), before, "something changed");
  const all = [...statuses].map(([kind, count]) => `${count} ${kind}`).toSorted();
  return `${MESSAGES} messages, a restart between them, no effect: ${all.join(", ")}`;
}

/** The same on a Monitor that checks neither signatures nor numbers. */
async function control(rig: Rig): Promise<string> {
  const t = createTestApi({ unguarded: { signature: true, replay: true } });
  const node = createRemoteNode(t, { keys: mkdtempSync(join(rig.folder, "keys-")) });
  await node.join(await joinString(t, { autoApprove: true }));
  const { client } = node.connect();
  await client.synchronize();
  await client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now(), { uptimeSeconds: 1 }), 1000);
  const caught = node.captured.at(-1)!;
  const before = t.monitor.nodes.item(node.id)!.lastSeenAt;
  await t.clock.advance(5000);
  const forged = caught.body.replace('"uptimeSeconds":1', '"uptimeSeconds":2');
  await t.send("POST", caught.path, { headers: caught.headers, body: forged });
  ensureEqual(
    t.monitor.nodes.item(node.id)!.lastSeenAt,
    before,
    "an altered and replayed message had an effect",
  );
  return "no effect";
}

export default {
  name: "replays-and-forgeries",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T14", "T15", "T16"],
  run,
  control,
} satisfies Scenario;
