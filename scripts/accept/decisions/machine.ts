/** A declared service on a machine that joined over TLS, and the Monitor that decides about it. */
import type { Cortex } from "../lib/cortex.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { joinMachine, type Line, LIVELY, type Place, startLine } from "../identity/remote.ts";
import { demoService, serving, WIDE_BUDGETS } from "../loop/demo.ts";

export type MachineWithService = Awaited<ReturnType<typeof machineWithService<Line>>>;

/**
 * `between`: what stands between the two; default a plain TLS line. `service`: what is different in it. `sections`: of the
 * Monitor's configuration.
 */
export async function machineWithService<L extends Place = Line>(
  rig: Rig,
  tags: string[],
  between?: (rig: Rig, monitor: Cortex) => Promise<L>,
  service: (port: number) => object = () => ({}),
  sections: object = {},
) {
  const monitor = await rig.cortex({ config: { version: 1, link: LIVELY.link, ...sections } });
  const line = (await (between ?? startLine)(rig, monitor)) as L;
  const port = await rig.port();
  const machine = await joinMachine(rig, monitor, {
    name: "edge-1",
    line,
    token: ["--auto-approve"],
    config: {
      ...WIDE_BUDGETS,
      ...LIVELY,
      plugins: { service: [{ ...demoService(port), interval: "1s", confirm: "1s", tags, ...service(port) }] },
    },
  });
  machine.start();
  rig.atEnd(() => machine.stop());
  await serving(port, 20_000);
  await until(async () => (await machine.link())?.state === "online", {
    what: "the machine is online",
    timeoutMs: 30_000,
    everyMs: 100,
  });
  return { monitor, line, machine, port };
}
