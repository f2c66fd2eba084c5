/** T08: a revoked node is out at once, with its long poll open, and stays out over restarts of both sides. */
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { joinMachine } from "./remote.ts";
import { FORGETS_REVOCATION, spoilMonitor } from "./spoiled-store.ts";

const AT_ONCE_MS = 2000;

async function revoke(rig: Rig, monitor: Cortex): Promise<string> {
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
  ensureEqual((await monitor.cli("nodes", "revoke", "sold", "--reason", "sold", "--yes")).code, 0, "revoke");
  const revoked = now();
  const closed = until(async () => !(await node()).connected, {
    what: "its poll is closed",
    timeoutMs: AT_ONCE_MS,
  }).catch((error: unknown) => error);
  const outcome = await until(
    async () => {
      if ((await machine.link())?.state === "revoked") return "is told";
      return Date.parse((await node()).lastSeenAt) > revoked + AT_ONCE_MS && "is heard";
    },
    { what: "it is told", timeoutMs: 10_000 },
  );
  ensureEqual(outcome, "is told", "the revoked node");
  ensureEqual(await closed, true, "its poll is closed at once");
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

/** On a store in which no revocation lasts. */
async function control(rig: Rig): Promise<string> {
  const monitor = await rig.cortex();
  await spoilMonitor(monitor, FORGETS_REVOCATION);
  return revoke(rig, monitor);
}

export default {
  name: "revoked-is-out",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T08"],
  run: async (rig) => revoke(rig, await rig.cortex()),
  control,
} satisfies Scenario;
