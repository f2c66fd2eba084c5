import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { ensureLeftAlone, heldProblem, killService, settled } from "./one-repair.ts";

/** As long as a repair would take, several times over. */
const CALM_MS = 3000;
/** A problem that is held is looked at again this often. */
const RECONSIDER_MS = 15_000;

async function start(rig: Rig) {
  const port = await rig.port();
  const config = { version: 1, ...WIDE_BUDGETS, plugins: { service: [demoService(port)] } };
  const cortex = await rig.cortex({ config });
  await serving(port);
  return { port, cortex };
}

async function switched(rig: Rig, isOff: boolean): Promise<string> {
  const { port, cortex } = await start(rig);
  if (isOff) {
    const off = await cortex.cli("switch", "off", "--reason", "drill");
    ensureEqual(off.code, 0, "exit code of switch off");
  }
  // In the same breath: what was switched off is off when the command returns.
  await killService(port);
  await ensureLeftAlone(cortex, port, CALM_MS, "repairs are off");
  ensureEqual((await heldProblem(cortex, "demo")).guards.hold, "switch_off", "what holds the repair");
  const { json } = await cortex.api<{ repairs: boolean }>("GET", "settings");
  ensureEqual(json.repairs, false, "GET settings");

  let switchedOn = now();
  await cortex.cli("switch", "on");
  const onMs = (await serving(port)) - switchedOn;
  await settled(cortex, 1);

  await cortex.cli("switch", "off", "--reason", "drill");
  await cortex.kill();
  await cortex.restart();
  await killService(port);
  await ensureLeftAlone(cortex, port, CALM_MS, "repairs were switched off before the restart");
  switchedOn = now();
  await cortex.cli("switch", "on");
  const againMs = (await serving(port)) - switchedOn;
  ensure(Math.min(onMs, againMs) <= 1000 + 1000, `${inTime(onMs)} from switch on to serving`);
  return `off at once and after SIGKILL of Cortex; switched on, serving after ${inTime(Math.min(onMs, againMs))}`;
}

async function maintained(rig: Rig, isOn: boolean): Promise<string> {
  const { port, cortex } = await start(rig);
  const add = (window: string) =>
    cortex.cli(
      "maintenance",
      "add",
      "--for",
      window,
      "--reason",
      "disk swap",
      "--check",
      "service",
      "--target",
      "demo",
    );
  if (isOn) ensureEqual((await add("1h")).code, 0, "exit code of maintenance add");
  await killService(port);
  await ensureLeftAlone(cortex, port, CALM_MS, "it is in maintenance");
  const problem = await heldProblem(cortex, "demo");
  ensureEqual(problem.guards.hold, "maintenance", "what holds the repair");
  ensure(
    problem.guards.holdText?.includes("disk swap"),
    `the reason is not shown: ${problem.guards.holdText}`,
  );
  const listed = await cortex.api<{ items: { id: string }[] }>("GET", "maintenance");
  const ended = now();
  await cortex.cli("maintenance", "remove", listed.json.items[0]!.id);
  const removedMs = (await serving(port)) - ended;
  await settled(cortex, 1);

  await add("3s");
  const begin = now();
  await killService(port);
  const overMs = (await serving(port, RECONSIDER_MS + 5000)) - begin;
  ensure(overMs >= 2900, `repaired ${inTime(overMs)} after a window of 3 s began`);
  return `held with its reason; window removed, serving after ${inTime(removedMs)}; window of 3 s over, serving after ${inTime(overMs)}`;
}

const scenarios: Scenario[] = [
  {
    name: "switch",
    quick: true,
    run: (rig) => switched(rig, true),
    control: (rig) => switched(rig, false),
  },
  {
    name: "maintenance",
    quick: true,
    run: (rig) => maintained(rig, true),
    control: (rig) => maintained(rig, false),
  },
];
export default scenarios;
