/** T08: a revoked node is out at once, with its long poll open, and stays out over restarts of both sides. */
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine } from "./remote.ts";

const AT_ONCE_MS = 2000;

async function run(rig: Rig): Promise<string> {
  const monitor = await rig.cortex();
  const machine = await joinMachine(rig, monitor, { name: "sold", token: ["--auto-approve"] });
  machine.start();
  const node = async () =>
    (
      await monitor.api<{ state: string; lastSeenAt: string; connected: boolean }>(
        "GET",
        `nodes/${machine.id}`,
      )
    ).json;
  await until(async () => (await node()).connected, { what: "it is connected", timeoutMs: 20_000 });
  const asked = now();
  ensureEqual((await monitor.cli("nodes", "revoke", "sold", "--reason", "sold")).code, 0, "revoke");
  const revoked = now();
  await until(async () => !(await node()).connected, { what: "its poll is closed", timeoutMs: AT_ONCE_MS });
  await until(async () => (await machine.link())?.state === "revoked", { what: "it knows", timeoutMs: 5000 });
  const tookMs = now() - revoked;
  const { lastSeenAt } = await node();
  await monitor.restart();
  await machine.stop();
  machine.start();
  await until(async () => (await machine.link())?.state === "revoked", {
    what: "it is still out",
    timeoutMs: 20_000,
  });
  await pause(3000);
  const after = await node();
  ensureEqual(
    [after.state, after.lastSeenAt, after.connected],
    ["revoked", lastSeenAt, false],
    "it changed something",
  );
  const again = await monitor.api("POST", "tokens", { node: machine.id });
  ensureEqual(again.status, 400, "a recovery token for a revoked node");
  ensure((await machine.cli("problems")).code === 0, "cut off, the agent still answers for itself");
  return `out ${inTime(tookMs)} after the command (${inTime(revoked - asked)}), and still after both restarted`;
}

export default {
  name: "revoked-is-out",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T08"],
  run,
} satisfies Scenario;
