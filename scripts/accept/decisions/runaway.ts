/** A program that burns a processor waits for a person, and its whole process group is ended once, with nothing beside it. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { isAlive } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { WIDE_BUDGETS } from "../loop/demo.ts";
import { repairs } from "../loop/one-repair.ts";
import { decisionOf, ensureCard, intentReaches, pendingDecision } from "./waiting.ts";

async function burning(rig: Rig, instance: object = {}) {
  const program = join(rig.folder, "burner");
  copyFileSync("/usr/bin/sha256sum", program);
  const start = () => rig.spawn(["/usr/bin/setsid", program, "/dev/zero"]).pid;
  const pid = start();
  const runaway = { id: "burner", program, critical_cores: 0.1, interval: "1s", confirm: "2s" };
  const cortex = await rig.cortex({
    config: {
      version: 1,
      ...WIDE_BUDGETS,
      engine: { ...WIDE_BUDGETS.engine, boot_grace: "0s" },
      link: { report: "1s" },
      plugins: { runaway: [{ ...runaway, ...instance }] },
    },
  });
  return { cortex, pid };
}

async function ensureWaits(pid: number): Promise<void> {
  await pause(2000);
  ensure(isAlive(pid), "it was ended although nobody decided");
}

const scenario: Scenario = {
  name: "runaway",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const { cortex, pid } = await burning(rig);
    const decision = await pendingDecision(cortex, 60_000);
    const card = await decisionOf(cortex, decision.id);
    ensureCard(card);
    ensureEqual(
      card.plan?.effects?.map((one) => (one.kind === "process" ? one.pids : null)),
      [[pid]],
      "what would end",
    );
    await ensureWaits(pid);
    const at = now();
    ensureEqual((await cortex.cli("decisions", "approve", decision.id)).code, 0, "approve");
    await until(() => !isAlive(pid), { what: "it has ended", timeoutMs: 15_000, everyMs: 5 });
    const endedMs = now() - at;
    await intentReaches(cortex, decision, "verified", 30_000);
    ensureEqual((await repairs(cortex)).length, 1, "repairs");
    return `a burning process group waited, was ended ${inTime(endedMs)} after the yes, verified`;
  },
  /** Somebody decided at once: the same wait sees the end. */
  async control(rig) {
    const { cortex, pid } = await burning(rig);
    const decision = await pendingDecision(cortex, 60_000);
    ensureEqual((await cortex.cli("decisions", "approve", decision.id)).code, 0, "approve");
    await ensureWaits(pid);
    return "it burns on";
  },
};
export default scenario;
