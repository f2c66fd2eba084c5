/** The declared service that the scenarios of this area break: Python's own web server, supervised by Cortex. */
import type { Rig } from "../lib/rig.ts";
import { now, until } from "../lib/wait.ts";

export const serverArgv = (port: number): string[] => [
  "/usr/bin/python3",
  "-m",
  "http.server",
  String(port),
  "--bind",
  "127.0.0.1",
];

/** As in the plugin's documentation: looked at every 2 s, confirmed after 3 s. */
export const demoService = (port: number) => ({
  id: "demo",
  manager: "process",
  start: serverArgv(port),
  port,
  interval: "2s",
  confirm: "3s",
});

/** Budgets wide enough for many kills in a row; every one of them is a documented key. */
export const WIDE_BUDGETS = {
  engine: { flap_start: 1 },
  verify: { stable: "1s", watch: "0s", interval: "250ms" },
  breaker: { attempts: 1000, waits: ["0s"] },
  policy: { cooldown: "0s", healed_count: 1000, max_per_hour: 1000 },
};
/** Whether the web server answers with 200. */
export async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Epoch ms of its first answer. */
export async function serving(port: number, timeoutMs = 10_000): Promise<number> {
  await until(() => answers(port), { what: `port ${port} serves`, timeoutMs, everyMs: 5 });
  return now();
}

/** What nobody can beat: from starting the same program by hand until it serves, as slow as the machine is right now. */
export async function startFloor(rig: Rig): Promise<number> {
  const port = await rig.port();
  const begin = now();
  const child = rig.spawn(serverArgv(port));
  const servedAt = await serving(port, 20_000);
  child.kill("SIGKILL");
  await child.exited;
  return servedAt - begin;
}

/**
 * What is promised holds on a machine with time to spare. On one that is busy with other things everything takes longer,
 * the program's own start first of all; then so many times that.
 */
const FLOORS = 5;
export const withinReason = (promisedMs: number, floorMs: number): number =>
  Math.max(promisedMs, FLOORS * floorMs);
