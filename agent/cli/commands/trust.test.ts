import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CallSource, LOCAL } from "../../../core/http/app.ts";
import { serveSocket } from "../../../core/http/serve-socket.ts";
import { ephemeralKeyPair } from "../../../core/store/key-file.ts";
import { createUpstreamFiles } from "../../../core/store/upstream.ts";
import { testFolder } from "../../../core/testing/test-folder.ts";
import { openCortex } from "../../cortex.ts";
import { loadSettings } from "../../settings.ts";

const dir = testFolder();
const config = join(dir, "cortex.yaml");
writeFileSync(config, `secrets: { key_file: ${join(dir, "kek")} }\n`, { mode: 0o600 });
const keys = join(dir, "data", "keys");
mkdirSync(keys, { recursive: true, mode: 0o700 });

const cortex = (...args: string[]) => run("trust", ...args);

async function run(...args: string[]) {
  const main = join(import.meta.dir, "../../main.ts");
  const child = Bun.spawn(
    [process.execPath, main, ...args, "--data-dir", join(dir, "data"), "--config", config],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** This node has joined a Monitor that decides with the key that comes back. */
function joined(decisionKey = Buffer.from(ephemeralKeyPair().publicKey).toString("base64")) {
  const rest = { fingerprint: null, joinedAt: 0, keySince: 0 };
  createUpstreamFiles(keys).write({
    url: "https://monitor.example/",
    publicKey: decisionKey,
    decisionKey,
    ...rest,
  });
  return { decisionKey, name: Buffer.from(decisionKey, "base64").toString("base64url") };
}

/** What the ledger of this node says of its trust, once the program is open. */
async function ledgerWhileOpen(work: () => Promise<void>): Promise<string[]> {
  const options = { config, "data-dir": join(dir, "data"), "plugins-dir": join(dir, "plugins") };
  const cortex = await openCortex(loadSettings(options), { quiet: true });
  const server = serveSocket(cortex.api, cortex.dir.socket);
  try {
    await work();
    const exported = await cortex.node!.command({
      type: "ledger.export",
      after: 0,
      limit: 50,
      actor: "local",
    });
    const { entries } = (exported as { data: { entries: { kind: string; actor: string }[] } }).data;
    return entries
      .map(({ kind, actor }) => `${kind} ${actor}`)
      .filter((one) => /^(trust|upstream)/.test(one));
  } finally {
    await server.stop();
    await cortex.stop();
  }
}

test("T24 a key taken away while the program runs is in its ledger at once", async () => {
  const { name } = joined();
  const entries = await ledgerWhileOpen(async () => {
    expect(JSON.parse((await cortex("remove", name, "--json")).out)).toEqual({ removed: name });
  });
  expect(entries.at(-1)).toBe("trust.removed local");
  expect(createUpstreamFiles(keys).read()).toMatchObject({ decisionKey: null });
}, 30_000);

test("T24 a key taken away while nothing runs is in the ledger from the next start on", async () => {
  const { name } = joined();
  expect((await cortex("remove", name)).code).toBe(0);
  const entries = await ledgerWhileOpen(async () => undefined);
  expect(entries.at(-1)).toBe("trust.removed local");
}, 30_000);

test("a key that begins with a dash can be taken away", async () => {
  const { name } = joined(`+/${"A".repeat(41)}=`);
  expect(name).toStartWith("-_A");
  const { out } = await cortex("remove", name.slice(0, 8), "--json");
  expect(JSON.parse(out)).toEqual({ removed: name });
}, 30_000);

test("T24 nobody but who stands on the machine can ask for a change of trust", async () => {
  joined();
  await ledgerWhileOpen(async () => undefined);
  const options = { config, "data-dir": join(dir, "other"), "plugins-dir": join(dir, "plugins") };
  const other = await openCortex(loadSettings(options), { quiet: true });
  const ask = (source: CallSource) =>
    other.api.handle(
      new Request("http://localhost/api/v1/trust", {
        method: "POST",
        body: JSON.stringify({ act: "leave" }),
        headers: { "content-type": "application/json" },
      }),
      source,
    );
  expect((await ask({ ip: "127.0.0.1" }))?.status).toBe(404);
  const admin = { kind: "user", id: "1", name: "anna", role: "admin", grants: [] } as const;
  expect((await ask({ ip: "127.0.0.1", principal: admin }))?.status).toBe(404);
  expect((await ask({ ip: "", principal: LOCAL }))?.status).toBe(409);
  await other.stop();
}, 30_000);

test("T24 a key that was taken away on the node is trusted no more, and is remembered as such", async () => {
  const files = createUpstreamFiles(keys);
  const { decisionKey } = joined();
  const [before] = JSON.parse((await cortex("list", "--json")).out) as { key: string; state: string }[];
  expect(before?.state).toBe("trusted");
  expect((await cortex("remove", "nothing")).code).not.toBe(0);
  expect((await cortex("remove", before!.key.slice(0, 8))).err).toBe("");
  expect(files.read()).toMatchObject({ decisionKey: null, refusedKeys: [decisionKey] });
  const after = JSON.parse((await cortex("list", "--json")).out) as { state: string }[];
  expect(after.map(({ state }) => state)).toEqual(["refused"]);
}, 30_000);

test("a Monitor is left only by who says so: asked at a terminal, --yes elsewhere", async () => {
  joined();
  const asked = await run("leave");
  expect([asked.code, asked.err]).toEqual([64, expect.stringContaining("say --yes to leave it")]);
  expect(createUpstreamFiles(keys).read()?.url).toBe("https://monitor.example/");
  const left = await run("leave", "--yes");
  expect([left.code, left.out]).toEqual([0, expect.stringContaining("Left https://monitor.example/")]);
  expect(createUpstreamFiles(keys).read()).toBeNull();
}, 20_000);
