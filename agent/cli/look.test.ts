import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../core/testing/test-folder.ts";
import { openCortex } from "../cortex.ts";
import { loadSettings } from "../settings.ts";
import { withClient } from "./client.ts";

/** Every file below a folder with its content and the time of its last change. */
function stateOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .toSorted()
    .flatMap((name) => {
      const stat = lstatSync(join(root, name));
      if (!stat.isFile()) return [];
      const digest = createHash("sha256")
        .update(readFileSync(join(root, name)))
        .digest("hex");
      return [`${name} ${stat.mtimeMs} ${digest}`];
    });
}

/** An installation that ran and was stopped. */
async function stopped() {
  const folder = testFolder();
  const file = join(folder, "cortex.yaml");
  writeFileSync(file, "version: 1\n");
  const args = { config: file, "data-dir": join(folder, "data") };
  const cortex = await openCortex(loadSettings(args), { quiet: true });
  await cortex.start();
  await cortex.stop();
  return args;
}

test("looking into the folder of a Cortex that does not run changes no file of it", async () => {
  const args = await stopped();
  const before = stateOf(args["data-dir"]);
  expect(before.some((line) => line.startsWith("keys/epoch"))).toBe(true);
  await withClient(args, async (client) => {
    await client.list("problems", { state: "open" });
    await client.get("cluster/topology");
    await client.list("intents");
    await client.get("settings");
  });
  expect(stateOf(args["data-dir"])).toEqual(before);
});
