import { ensure, ensureEqual } from "../lib/ensure.ts";
import { isAlive, listenerOf } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, median } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { answers, demoService, serving, startFloor, WIDE_BUDGETS, withinReason } from "./demo.ts";
import { killAndWait, repairs, servicePid, serviceProblems, settled } from "./one-repair.ts";

/** The end of an adopted process is found by a poll of at most 250 ms. */
const POLL_MS = 250;
const LIMIT_MS = 1000 + POLL_MS;

async function outlives(rig: Rig, service: object): Promise<string> {
  const port = await rig.port();
  const config = {
    version: 1,
    ...WIDE_BUDGETS,
    plugins: { service: [{ ...demoService(port), ...service }] },
  };
  const cortex = await rig.cortex({ config });
  await serving(port);
  const downMs: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < (rig.quick ? 1 : 3); round += 1)
    for (const end of ["stop", "kill"] as const) {
      const signal = end === "stop" ? "SIGTERM" : "SIGKILL";
      const pid = await servicePid(port);
      const code = await cortex[end]();
      if (end === "stop") ensureEqual(code, 0, "exit code after SIGTERM");
      ensure(isAlive(pid) && (await answers(port)), `the service did not outlive Cortex's ${signal}`);
      await cortex.restart();
      ensureEqual(listenerOf(port), pid, `process of the service after ${signal} and a restart`);
      const before = (await repairs(cortex)).length;
      ensureEqual(
        (await serviceProblems(cortex)).filter((one) => one.state === "open").length,
        0,
        "problems",
      );
      floors.push(await startFloor(rig));
      downMs.push(await killAndWait(port));
      await settled(cortex, before + 1);
    }
  // Nobody watches while Cortex is down: the start is supervision then, neither problem nor intent.
  const before = (await repairs(cortex)).length;
  await cortex.kill();
  process.kill(await servicePid(port), "SIGKILL");
  await cortex.restart();
  await serving(port);
  ensureEqual((await repairs(cortex)).length, before, "intents after a start by supervision");
  const figure = `median ${inTime(median(downMs))}, floor ${inTime(median(floors))}`;
  const limitMs = withinReason(LIMIT_MS, median(floors) + POLL_MS);
  ensure(median(downMs) <= limitMs, `the adopted service served again only after ${figure}`);
  return `same process after SIGTERM and SIGKILL; adopted and killed, serving again ${figure}`;
}

const scenario: Scenario = {
  name: "service-outlives-cortex",
  quick: true,
  timeoutMs: 120_000,
  run: (rig) => outlives(rig, {}),
  control: (rig) => outlives(rig, { on_stop: "stop" }),
};
export default scenario;
