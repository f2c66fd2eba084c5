/** Two machines of one redundancy group are down at once: of two approvals at once one is given, the other waits its turn. */
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { joinMachine, type Line, LIVELY, startLine } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { demoService, serving, WIDE_BUDGETS } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { decisionsOf, intentReaches } from "./waiting.ts";

async function machine(rig: Rig, monitor: Cortex, line: Line, name: string, group: string): Promise<number> {
  const port = await rig.port();
  const joined = await joinMachine(rig, monitor, {
    name,
    line,
    token: ["--auto-approve"],
    config: {
      ...WIDE_BUDGETS,
      ...LIVELY,
      node: { name, group },
      plugins: {
        service: [{ ...demoService(port), interval: "1s", confirm: "1s", tags: ["critical"] }],
      },
    },
  });
  joined.start();
  rig.atEnd(() => joined.stop());
  await serving(port, 20_000);
  await until(async () => (await joined.link())?.state === "online", {
    what: `${name} is online`,
    timeoutMs: 30_000,
    everyMs: 100,
  });
  return port;
}

const waitingTwo = (monitor: Cortex): Promise<DecisionItem[]> =>
  until(
    async () => {
      const { items } = await decisionsOf(monitor, "?state=pending");
      return items.length === 2 && items.every(({ voices }) => voices.length > 0) ? items : null;
    },
    { what: "two decisions wait", timeoutMs: 30_000, everyMs: 100 },
  );

async function scene(rig: Rig, groups: [string, string]): Promise<string> {
  const policy = { fleet_window: "1s" };
  const monitor = await rig.cortex({ config: { version: 1, link: LIVELY.link, policy } });
  const line = await startLine(rig, monitor);
  const ports = [
    await machine(rig, monitor, line, "web-1", groups[0]),
    await machine(rig, monitor, line, "web-2", groups[1]),
  ];
  await Promise.all(ports.map((port) => killService(port)));
  const decisions = await waitingTwo(monitor);
  const approve = ({ id }: DecisionItem) =>
    monitor.api("POST", `decisions/${id}/verdict`, { verdict: "approve" });
  const answers = await Promise.all(decisions.map(approve));
  const statuses = answers.map(({ status }) => status);
  ensureEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 409],
    "two approvals in one group at once",
  );
  const first = decisions[statuses.indexOf(200)]!;
  const second = decisions[statuses.indexOf(409)]!;
  await intentReaches(monitor, first, "verified", 30_000);
  // The lease ends with the repair.
  await until(async () => (await approve(second)).status === 200, {
    what: "the second may be approved",
    timeoutMs: 30_000,
    everyMs: 200,
  });
  await intentReaches(monitor, second, "verified", 30_000);
  return "of two approvals in one group at once one is given (200) and one waits (409); the second runs after the first was verified";
}

const scenario: Scenario = {
  name: "one-of-a-group",
  quick: false,
  timeoutMs: 180_000,
  threats: ["T33"],
  run: (rig) => scene(rig, ["web", "web"]),
  control: (rig) => scene(rig, ["web", "db"]),
};
export default scenario;
