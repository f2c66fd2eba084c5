import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Result } from "cortex";
import { hostFixture } from "../../core/testing/host-fixtures.ts";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeStore } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

const DAY = 86_400_000;
const cable = join(import.meta.dir, "testcases/the-cable-is-pulled");

/** Another start of the program on a host as in `root`, with what it remembered. */
async function look(root: string, store: ReturnType<typeof createFakeStore>, clock = createTestClock()) {
  const ctx = createTestContext({ plugin, root, store, clock });
  const { checks } = plugin.setup(ctx, plugin.config.parse({}));
  const results = (await runCheck(checks![0]!, ctx)) as Result[];
  return new Map(results.map((result) => [result.target, result]));
}

test("a link lost while Cortex was not running is told, as it was up before", async () => {
  const store = createFakeStore();
  expect((await look(join(cable, "root"), store)).get("eth0")!.status).toBe("ok");
  expect((await look(join(cable, "root-2"), store)).get("eth0")!.status).toBe("critical");
});

test("a link that stays down is the new normal after a week", async () => {
  const store = createFakeStore();
  const clock = createTestClock();
  await look(join(cable, "root"), store, clock);
  await look(join(cable, "root-2"), store, clock);
  await clock.advance(6.9 * DAY);
  expect((await look(join(cable, "root-2"), store, clock)).get("eth0")!.status).toBe("critical");
  await clock.advance(0.2 * DAY);
  const result = (await look(join(cable, "root-2"), store, clock)).get("eth0")!;
  expect(result).toMatchObject({ status: "ok", summary: "eth0 is not connected" });
  expect(store.keys()).toEqual([]);
});

test("nothing is written while nothing changes", async () => {
  const store = createFakeStore();
  let writes = 0;
  const counting = { ...store, set: (key: string, value: unknown) => (writes++, store.set(key, value)) };
  for (let time = 0; time < 5; time += 1) await look(join(cable, "root"), counting);
  expect(writes).toBe(1);
});

test("excluded interfaces are not looked at", async () => {
  const ctx = createTestContext({ plugin, root: join(cable, "root") });
  const { checks } = plugin.setup(ctx, plugin.config.parse({ exclude: ["eth*"] }));
  expect(await runCheck(checks![0]!, ctx)).toEqual([
    { skipped: "no network interface here is hardware or a bond" },
  ]);
});

const { root: fixture, present: here } = hostFixture("node-exporter");
test.skipIf(!here)(
  `the bonds of prometheus/node_exporter's host are read${here ? "" : " (skipped: fixtures are not here)"}`,
  async () => {
    const results = await look(fixture, createFakeStore());
    expect([...results.keys()].sort()).toEqual(["bond0", "dmz", "int"]);
  },
);
