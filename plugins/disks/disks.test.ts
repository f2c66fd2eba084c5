import { describe, expect, test } from "bun:test";
import type { Result } from "cortex";
import { hostFixture } from "../../core/testing/host-fixtures.ts";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

describe("the host of prometheus/node_exporter", () => {
  const { root, present } = hostFixture("node-exporter");
  test.skipIf(!present)(
    `shows its disks and rebuilding arrays${present ? "" : " (skipped: fixtures are not here)"}`,
    async () => {
      const clock = createTestClock();
      const ctx = createTestContext({ plugin, root, clock });
      const [check] = plugin.setup(ctx, plugin.config.parse({})).checks!;
      expect(await runCheck(check!, ctx)).toEqual([{ skipped: "first reading: a rate needs two" }]);
      await clock.advance(15_000);
      const results = (await runCheck(check!, ctx)) as Result[];
      const queues = results.filter(({ target }) => !target.includes(":"));
      const observed = (which: boolean) =>
        queues.filter(({ observe }) => observe === which).map(({ target }) => target);
      expect(observed(false)).toEqual(["mmcblk0", "vda", "nvme0n1", "sdc"]);
      expect(observed(true)).toEqual(["sda", "sdb"]);
    },
  );
});
