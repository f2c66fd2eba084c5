import { createServer, type Server } from "node:net";
import type { ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { repairs } from "./one-repair.ts";

/** The port is looked at every 300 ms, and is open and closed in turn for twice as long. */
const LOOK_MS = 300;
const TURN_MS = 600;
const FLAPS_MS = 6000;

/** A port that somebody else opens and closes; its owner, as declared, is the demo service. */
function togglePort(port: number) {
  let server: Server | null = null;
  return {
    async open(): Promise<void> {
      if (server) return;
      server = createServer((socket) => socket.destroy());
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
      await promise;
    },
    async close(): Promise<void> {
      const closing = server;
      server = null;
      if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
  };
}

async function portProblems(cortex: Cortex): Promise<ProblemItem[]> {
  const { json } = await cortex.api<{ items: ProblemItem[] }>("GET", "problems?check=port_listen&limit=500");
  return json.items;
}

async function flaps(rig: Rig, engine: object): Promise<string> {
  const [port, toggled] = [await rig.port(), await rig.port()];
  const probe = {
    id: "probe",
    port: toggled,
    owner: "process:demo",
    interval: `${LOOK_MS}ms`,
    confirm: "0s",
  };
  // Open before Cortex first looks at it: a port that is closed then is repaired at once.
  const toggle = togglePort(toggled);
  rig.atEnd(() => toggle.close());
  await toggle.open();
  const cortex = await rig.cortex({
    config: { version: 1, ...WIDE_BUDGETS, engine, plugins: { service: [demoService(port)], port: [probe] } },
  });
  await serving(port);
  // Until there is enough to call it flapping, its repair is held by other means.
  await cortex.cli("maintenance", "add", "--for", "1h", "--reason", "warm up", "--target", "probe");
  let going = true;
  const toggling = (async () => {
    while (going) {
      await toggle.close();
      await pause(TURN_MS);
      await toggle.open();
      if (going) await pause(TURN_MS);
    }
  })();
  rig.atEnd(() => {
    going = false;
  });
  const flapping = await until(async () => (await portProblems(cortex)).find((one) => one.flapping), {
    what: "the target is called flapping",
    timeoutMs: 20_000,
  });
  const { json } = await cortex.api<{ items: { id: string }[] }>("GET", "maintenance");
  await cortex.cli("maintenance", "remove", json.items[0]!.id);
  const before = (await portProblems(cortex)).length;

  await pause(FLAPS_MS);
  ensureEqual((await repairs(cortex)).length, 0, "repairs while it flaps");
  ensureEqual((await portProblems(cortex)).length - before, 0, "more problems while it flaps");
  const now = (await portProblems(cortex)).find((one) => one.id === flapping.id)!;
  ensureEqual(now.state, "open", "state of its problem while it flaps");
  ensureEqual([now.flapping, now.guards.hold], [true, "flapping"], "what is shown of it while it flaps");
  // Once that it began (unless it had begun before the problem was opened), and once that its repair waits for that.
  for (const kind of ["flapping.started", "flapping"]) {
    const notices = now.events.filter((event) => event.kind === kind).length;
    ensure(notices <= 1, `${notices} notices of ${kind}`);
  }

  going = false;
  await toggling;
  await until(async () => (await portProblems(cortex)).every((one) => one.state === "resolved"), {
    what: "it settled and its problem is resolved",
    timeoutMs: 15_000,
  });
  await toggle.close();
  await until(async () => (await repairs(cortex)).length > 0, {
    what: "closed again when it no longer flaps, it is repaired",
    timeoutMs: 10_000,
  });
  ensure((await portProblems(cortex)).length === before + 1, "the new problem is not one of its own");
  return `${Math.round(FLAPS_MS / TURN_MS)} turns: one problem, one notice, no repair; repaired once it had settled`;
}

const scenario: Scenario = {
  name: "flapping",
  quick: true,
  run: (rig) => flaps(rig, { flap_window: 10 }),
  // No share of changes is above this one.
  control: (rig) => flaps(rig, { flap_window: 10, flap_start: 1 }),
};
export default scenario;
