/** A plugin is a folder that can be deleted: without any one of them the tree still type-checks. */
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { pluginFolders } from "../../gen/registry.ts";
import { inTime } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";

const scenario: Scenario = {
  name: "delete-each-plugin",
  quick: false,
  timeoutMs: 1_800_000,
  async run(rig) {
    const began = performance.now();
    const argv = [process.execPath, "scripts/delete-each-plugin.ts"];
    const ran = await rig.run(argv, { cwd: rig.root, timeoutMs: 1_700_000 });
    const lines = ran.stdout.split("\n");
    const failed = lines.find((line) => line.startsWith("failed"));
    ensure(failed === undefined, `${failed}: ${lines.find((line) => line.includes("error")) ?? ""}`);
    ensureEqual(ran.code, 0, `exit code (${ran.stderr.trim().split("\n").at(-1)})`);
    const without = lines.flatMap((line) => /^ok\s+without (\S+)/.exec(line)?.[1] ?? []);
    ensureEqual(without.toSorted(), pluginFolders().toSorted(), "plugins that were deleted");
    return `the tree type-checks without each of ${without.length} plugins, ${inTime((performance.now() - began) / without.length)} each`;
  },
};
export default scenario;
