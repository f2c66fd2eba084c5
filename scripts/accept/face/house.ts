/** A Cortex with something to show: a declared service that was killed and repaired, notes, a problem that needs a person. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { IntentItem, NodeItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex, CortexOptions } from "../lib/cortex.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { demoService, serving, WIDE_BUDGETS } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import { FACE_CONFIG } from "./browser.ts";

export interface House {
  cortex: Cortex;
  port: number;
  node: NodeItem;
  /** Repaired and verified. */
  problem: ProblemItem;
  intent: IntentItem;
  /** Open, for a person. */
  open: ProblemItem;
}

/** A check that finds a backup too old: nothing repairs that. */
const BACKUP = `
import { definePlugin } from "cortex";
import * as z from "zod";

export default definePlugin({
  name: "restic",
  version: "1.0.0",
  sdk: 1,
  summary: "Whether the nightly backup is young enough.",
  config: z.strictObject({}),
  modes: ["agent"],
  capabilities: [],
  setup: () => ({
    checks: [
      {
        name: "restic_age",
        summary: "Age of the newest backup.",
        type: "backup.old",
        nature: "fact" as const,
        intervalMs: 2000,
        confirmMs: 0,
        timeoutMs: 1000,
        run: async () => [
          { target: "restic", status: "critical" as const, summary: "the newest backup is 3 d 4 h old, more than 26 h" },
        ],
      },
    ],
  }),
});
`;

export function writePlugin(cortex: Cortex, name: string, source: string): void {
  const folder = join(dirname(cortex.configFile), "plugins", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "index.ts"), source, { mode: 0o600 });
}

export const itemsOf = async <T>(cortex: Cortex, path: string): Promise<T[]> =>
  (await cortex.api<{ items: T[] }>("GET", path)).json.items;

/** `options.dataDir`: one that knows other nodes already. */
export async function furnish(rig: Rig, options: Pick<CortexOptions, "dataDir"> = {}): Promise<House> {
  const port = await rig.port();
  const cortex = await rig.cortex({
    ...options,
    config: {
      ...FACE_CONFIG,
      ...WIDE_BUDGETS,
      node: { name: "web-1.example.net", group: "web", labels: { site: "ams" } },
      link: { report: "2s", heartbeat: "2s" },
      plugins: { service: [demoService(port)] },
    },
  });
  writePlugin(cortex, "restic", BACKUP);
  await serving(port);
  await killService(port);
  const find = <T>(path: string, fits: (item: T) => boolean, what: string) =>
    until(async () => (await itemsOf<T>(cortex, path)).find(fits) ?? null, {
      what,
      timeoutMs: 30_000,
      everyMs: 100,
    });
  const intent = await find<IntentItem>(
    "intents?kind=repair",
    (one) => one.state === "verified",
    "a verified repair",
  );
  const problem = await find<ProblemItem>("problems", (one) => one.id === intent.problemId, "its problem");
  const open = await find<ProblemItem>(
    "problems?state=open",
    (one) => one.check === "restic_age",
    "a problem for a person",
  );
  const node = await find<NodeItem>("nodes", (one) => one.lastReportAt !== null, "a report of the node");
  await cortex.api("POST", "intents", {
    kind: "note",
    summary: "Kernel update rolled out",
    text: "One by one; web-2 follows tomorrow.",
  });
  return { cortex, port, node, problem, intent, open };
}
