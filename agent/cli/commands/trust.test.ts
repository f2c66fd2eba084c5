import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ephemeralKeyPair } from "../../../core/store/key-file.ts";
import { createUpstreamFiles } from "../../../core/store/upstream.ts";
import { testFolder } from "../../../core/testing/test-folder.ts";

const dir = testFolder();
const config = join(dir, "cortex.yaml");
writeFileSync(config, "{}\n", { mode: 0o600 });
const keys = join(dir, "data", "keys");
mkdirSync(keys, { recursive: true, mode: 0o700 });

async function cortex(...args: string[]) {
  const main = join(import.meta.dir, "../../main.ts");
  const child = Bun.spawn(
    [process.execPath, main, "trust", ...args, "--data-dir", join(dir, "data"), "--config", config],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

test("T24 a key that was taken away on the node is trusted no more, and is remembered as such", async () => {
  const files = createUpstreamFiles(keys);
  const decisionKey = Buffer.from(ephemeralKeyPair().publicKey).toString("base64");
  files.write({
    url: "https://monitor.example/",
    publicKey: decisionKey,
    fingerprint: null,
    decisionKey,
    joinedAt: 0,
    keySince: 0,
  });
  const [before] = JSON.parse((await cortex("list", "--json")).out) as { key: string; state: string }[];
  expect(before?.state).toBe("trusted");
  expect((await cortex("remove", "nothing")).code).not.toBe(0);
  expect((await cortex("remove", before!.key.slice(0, 8))).err).toBe("");
  expect(files.read()).toMatchObject({ decisionKey: null, refusedKeys: [decisionKey] });
  const after = JSON.parse((await cortex("list", "--json")).out) as { state: string }[];
  expect(after.map(({ state }) => state)).toEqual(["refused"]);
});
