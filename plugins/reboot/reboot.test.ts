import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeStore } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

const DAY = 86_400_000;

test("a later update does not make the need younger, and another boot ends it", async () => {
  const store = createFakeStore();
  const clock = createTestClock({ now: Date.UTC(2026, 3, 11), monotonic: 60 * DAY });
  const fs = createRootFs(join(import.meta.dir, "testcases/a-kernel-of-two-days-can-wait/root"), clock);
  let changedAt = clock.now();
  const changing = {
    ...fs,
    stat: async (path: string) => ({ ...(await fs.stat(path)), modifiedAt: changedAt }),
  };
  const look = async (bootId: string) => {
    const ctx = createTestContext({ plugin, fs: changing, store, clock, node: { bootId } });
    const { checks } = plugin.setup(ctx, plugin.config.parse({}));
    return (await runCheck(checks![0]!, ctx))[0] as Result;
  };
  expect((await look("first")).status).toBe("ok");
  await clock.advance(15 * DAY);
  changedAt = clock.now();
  expect(await look("first")).toMatchObject({
    status: "warning",
    metrics: { "reboot.needed_seconds": 15 * 86_400 },
  });
  expect((await look("second")).metrics!["reboot.needed_seconds"]).toBe(0);
});
