/** R70: the place for backups is full. It is told as a problem, the live databases go on, and it ends when there is room. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BackupList } from "../../../core/backup/item.ts";
import type { ProblemItem } from "../../../core/monitor/items.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { fillUp, makeRoom, mountTmpfs } from "../loop/bad-folder.ts";
import type { Scenario } from "../scenario.ts";

async function run(rig: Rig): Promise<string> {
  const target = await mountTmpfs(rig, "backups", "8m");
  fillUp(target);
  const folder = join(target, "cortex");
  const cortex = await rig.cortex({
    config: {
      engine: { boot_grace: "0s" },
      link: { report: "1s" },
      backup: { folder, every: "1s" },
      plugins: { self: { backup_health: { interval: "1s" } } },
    },
  });
  const problemOf = async (state: string) =>
    (await cortex.api<{ items: ProblemItem[] }>("GET", `problems?state=${state}&limit=100`)).json.items.find(
      (one) => one.check === "backup_health",
    );
  const startedAt = performance.now();
  const problem = await until(() => problemOf("open"), {
    what: "a problem about the backups is open",
    timeoutMs: 20_000,
    everyMs: 200,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  ensure(problem.summary.includes("needed"), `it does not say what is needed: ${problem.summary}`);
  const asked = await cortex.cli("backup");
  ensureEqual(
    [asked.code, asked.stderr.includes("free space there")],
    [69, true],
    `cortex backup: ${asked.stderr}`,
  );
  const note = await cortex.api("POST", "intents", { kind: "note", summary: "written meanwhile" });
  ensureEqual(note.status, 201, "a note while no backup can be made");
  const left = existsSync(folder) ? readdirSync(folder) : [];
  ensureEqual(left, [], "what is left on the full target");

  makeRoom(target);
  await until(async () => (await cortex.cli("backup")).code === 0, {
    what: "a backup is made once there is room",
    timeoutMs: 20_000,
    everyMs: 500,
  });
  await until(() => problemOf("resolved"), {
    what: "the problem is resolved",
    timeoutMs: 20_000,
    everyMs: 200,
  });
  const { json } = await cortex.api<BackupList>("GET", "backups");
  ensureEqual([json.schedule.failure, json.damaged], [null, []], "how backups stand");
  ensure((await cortex.cli("intents", "verify")).code === 0, "the ledger does not hold");
  return `told ${seconds.toFixed(1)} s after the start, resolved with the first backup; nothing half on the target`;
}

const scenario: Scenario = { name: "backup-target-full", quick: true, timeoutMs: 120_000, run };
export default scenario;
