/** A repair in shadow says what it would do and does nothing, also after a restart; let go, it repairs. */
import type { AutonomyGrantItem } from "../../../core/http/types.ts";
import type { IntentItem } from "../../../core/monitor/items.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService } from "../loop/one-repair.ts";
import { startCritical } from "./waiting.ts";

const REPAIR = "service.start";
const LEFT_ALONE_MS = 5000;

async function died(rig: Rig, before: (one: Awaited<ReturnType<typeof startCritical>>) => Promise<void>) {
  const one = await startCritical(rig, { tags: [] });
  await before(one);
  await killService(one.port);
  return one;
}

const scenario: Scenario = {
  name: "shadow",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const { cortex, port } = await died(rig, async (one) => {
      const set = await one.cortex.cli("autonomy", "shadow", REPAIR, "--reason", "it is new");
      ensureEqual(set.code, 0, `autonomy shadow (${set.stderr.trim()})`);
      const grants = () => one.cortex.api<{ items: AutonomyGrantItem[] }>("GET", "autonomy");
      await until(async () => (await grants()).json.items[0]?.nodes.told === 1, {
        what: "the node knows",
        timeoutMs: 10_000,
      });
      await one.cortex.restart();
      await serving(one.port);
    });
    const [would] = await until(
      async () => {
        const { json } = await cortex.api<{ items: IntentItem[] }>("GET", "autonomy/shadows");
        return json.items.length > 0 ? json.items : null;
      },
      { what: "it says what it would do", timeoutMs: 20_000 },
    );
    ensureEqual(
      [would!.repair, would!.shadow, would!.target],
      [REPAIR, true, "demo"],
      "what it would have done",
    );
    await ensureLeftAlone(cortex, port, LEFT_ALONE_MS, "its repair is in shadow");
    const at = now();
    const [grant] = (await cortex.api<{ items: AutonomyGrantItem[] }>("GET", "autonomy")).json.items;
    ensureEqual((await cortex.cli("autonomy", "remove", grant!.id)).code, 0, "autonomy remove");
    const servedMs = (await serving(port, 30_000)) - at;
    return `said what it would do and left alone for ${LEFT_ALONE_MS / 1000} s, over a restart; let go, serving ${inTime(servedMs)} later`;
  },
  /** Out of shadow the same repair acts at once. */
  async control(rig) {
    const { cortex, port } = await died(rig, async () => {});
    await serving(port, 20_000);
    await ensureLeftAlone(cortex, port, 500, "its repair is in shadow");
    return "left alone";
  },
};
export default scenario;
