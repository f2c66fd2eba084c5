import { expect, test } from "bun:test";
import { CortexError } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

test("files that are there but switched off are skipped with the boot option to set", async () => {
  const fs = createRootFs();
  fs.readTextIfPresent = async (path) => {
    throw new CortexError("fs.unreadable", "unavailable", `${path} can't be read`, {
      details: { path, errno: "EOPNOTSUPP" },
    });
  };
  const ctx = createTestContext({ plugin, fs });
  for (const check of plugin.setup(ctx, plugin.config.parse({})).checks!)
    expect(await runCheck(check, ctx)).toEqual([
      { skipped: "pressure stall information is switched off: boot with psi=1" },
    ]);
});

test("a check that is switched off is not there", () => {
  const ctx = createTestContext({ plugin });
  const config = plugin.config.parse({ psi_io: { enabled: false } });
  expect(plugin.setup(ctx, config).checks!.map(({ name }) => name)).toEqual(["psi_cpu", "psi_memory"]);
});
