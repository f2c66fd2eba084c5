import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CortexError, type Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeActs } from "../../core/testing/fake-ports.ts";
import { createPluginDisk, ephemeralVault, type Vault } from "../../core/testing/plugin-disk.ts";
import { createTestProblem, createTestRun } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const FILE = "/etc/shop.conf";
const CONFIG = { file: FILE, test: ["/usr/bin/shop", "--check", "{file}"] };
const CANARY = "canary-60c1aa2d";
const GOOD = `listen 80\ndb_password = ${CANARY}\n`;
const BAD = `lisen 80\ndb_password = ${CANARY}\n`;
const COMMAND = `shop --check ${FILE}`;
const problem = createTestProblem({ type: "config.broken", target: FILE, owner: `file:${FILE}` });

/** A host with its database on the disk. */
function host() {
  const root = testFolder();
  mkdirSync(join(root, "etc"));
  const disk = createPluginDisk(join(root, "data"));
  const acts = createFakeActs();

  /** The plugin after a start with this vault, and what its check says of a text. */
  async function look(vault: Vault, text: string, stderr = "fatal: unknown word lisen") {
    writeFileSync(join(root, FILE), text);
    const exec = { [COMMAND]: text === GOOD ? {} : { exitCode: 1, stderr } };
    const ctx = createTestContext({
      plugin,
      root,
      exec,
      acts,
      store: disk.storeOf("config-restore~shop", vault),
    });
    const { checks, repairs } = plugin.setup(ctx, plugin.config.parse(CONFIG));
    const [result] = (await runCheck(checks![0]!, ctx)) as Result[];
    const run = createTestRun(ctx);
    const params = await repairs![0]!.resolve(problem, run);
    return { ctx, result: result!, repair: repairs![0]!, run, params };
  }
  return { disk, acts, look };
}

test("T91 T52 a password in a configuration file is in no database, log of it or backup", async () => {
  const { disk, look } = host();
  const vault = ephemeralVault();
  expect((await look(vault, GOOD)).result.summary).toContain("a copy is kept");
  const { repair, run, params } = await look(vault, BAD);
  // What is there before a restore is kept for the undo.
  await repair.apply(params, await repair.plan(params, run), run);
  disk.storeOf("other~default", vault).set("plain", "in-plain-text");
  disk.backUp();
  expect(disk.holding("in-plain-text")).toContain("backup.db");
  expect(disk.holding(CANARY)).toEqual([]);
});

test("T91 without the key that copies were sealed with the check says so, proposes nothing, and begins anew", async () => {
  const { disk, look } = host();
  const [lost, fresh] = [ephemeralVault(), ephemeralVault()];
  await look(lost, GOOD);
  const broken = await look(fresh, BAD);
  expect(broken.result).toMatchObject({
    status: "critical",
    summary: expect.stringContaining("but that copy can't be read: the secret in plugin_secrets.record"),
  });
  expect(broken.params).toBeNull();
  // With the key put back the way back is there again.
  expect((await look(lost, BAD)).params).not.toBeNull();
  const good = await look(fresh, GOOD);
  expect(good.result).toMatchObject({
    status: "ok",
    summary: `${FILE} passes its test; a copy is kept; a former copy could not be read any more`,
  });
  expect(good.ctx.notes).toHaveLength(1);
  const again = await look(fresh, GOOD);
  expect([again.result.summary, again.ctx.notes]).toEqual([`${FILE} passes its test; a copy is kept`, []]);
  expect((await look(fresh, BAD)).params).not.toBeNull();
  expect(disk.storeOf("config-restore~shop", fresh).sealed.keys()).toHaveLength(1);
});

test("a copy whose key is lost before it is used is no longer whole, and nothing is replaced", async () => {
  const { acts, look } = host();
  const [lost, fresh] = [ephemeralVault(), ephemeralVault()];
  await look(lost, GOOD);
  const { params } = await look(lost, BAD);
  const { repair, run } = await look(fresh, BAD);
  const broken = (await repair.preconditions!(params, run)).find(({ ok }) => !ok);
  expect(broken?.name).toBe("the good copy is whole");
  const outcome = await repair.apply(params, await repair.plan(params, run), run);
  expect([outcome?.ok, acts.acts]).toEqual([false, []]);
});

test("a key that can't be used is a warning beside a test that was passed", async () => {
  const refuse = () => {
    throw new CortexError("vault.key_refused", "invalid", "other users can read the key");
  };
  const { result } = await host().look({ ...ephemeralVault(), seal: refuse }, GOOD);
  expect(result).toMatchObject({
    status: "warning",
    type: "config.not_kept",
    summary: expect.stringContaining("no copy can be kept: other users can read the key"),
  });
});

test("T52 a secret that the test says without its key is hidden, in the problem and in the outcome", async () => {
  const { acts, look } = host();
  const vault = ephemeralVault();
  await look(vault, GOOD);
  const said = `fatal: invalid value "${CANARY}" in line 2`;
  const { result, repair, run, params } = await look(vault, BAD, said);
  expect(result.summary).toContain('invalid value "[redacted]" in line 2');
  acts.run = async () => ({ ok: false, summary: `the new text does not pass its test: ${said}` });
  expect(JSON.stringify(await repair.configTest!(params, run))).not.toContain(CANARY);
});
