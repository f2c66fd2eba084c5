import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listBackups, readManifest } from "../core/store/backup/read-backup.ts";
import { openMigrated } from "../core/store/migrate.ts";
import { MONITOR_MIGRATIONS } from "../core/store/monitor/migrations.ts";
import { testFolder } from "../core/testing/test-folder.ts";
import { type Cortex, openCortex } from "./cortex.ts";
import { loadSettings } from "./settings.ts";

let open: Cortex | null = null;
afterEach(async () => {
  await open?.stop();
});

/** An installation in a folder of its own; `write` changes its file. Nothing of it is started. */
async function installation(first: string) {
  const folder = testFolder();
  const file = join(folder, "cortex.yaml");
  const write = (text: string) => writeFileSync(file, `version: 1\n${text}\n`);
  write(first);
  const options = { config: file, "data-dir": join(folder, "data"), "plugins-dir": join(folder, "plugins") };
  const cortex = await openCortex(loadSettings(options), { quiet: true });
  open = cortex;
  return { cortex, write };
}

test("a reload takes all of what it can take, and nothing of what is bound until a restart", async () => {
  const { cortex, write } = await installation("link: { heartbeat: 30s }");
  write("link: { heartbeat: 10m }\nengine: { tick: 5s, stale_after: 9 }\npolicy: { autonomy: ask }");
  const { changed } = await cortex.reload();
  expect(changed.toSorted()).toEqual(["engine", "link", "policy"]);
  const { config } = cortex.settings();
  // Half a change would be worse than none: the Monitor would call a node late that only says less often that it lives.
  expect(config.link.heartbeat).toBe(30_000);
  expect(config.engine).toMatchObject({ tick: 1000, stale_after: 9 });
  expect(config.policy.autonomy).toBe("ask");
});

test("a file that is not valid changes nothing", async () => {
  const { cortex, write } = await installation("policy: { autonomy: ask }");
  write("policy: { autonomy: perhaps }");
  expect(await cortex.reload().catch((error: { code: string }) => error.code)).toBe("config.invalid");
  expect(cortex.settings().config.policy.autonomy).toBe("ask");
});

test("reloads come one after the other: the last file is what runs, and each plugin once", async () => {
  const { cortex, write } = await installation("plugins: { memory: { labels: { n: '1' } } }");
  write("plugins: { memory: { labels: { n: '2' } } }");
  const first = cortex.reload();
  write("plugins: { memory: { labels: { n: '3' } } }");
  await Promise.all([first, cortex.reload()]);
  const memory = cortex.settings().instances.filter((one) => one.plugin === "memory");
  expect(memory.map((one) => one.host.labels?.n)).toEqual(["3"]);
  expect(cortex.node!.host.statuses().filter((one) => one.name === "memory")).toHaveLength(1);
});

test("a plugin of one's own whose name a built-in has by now is shown broken, and Cortex starts", async () => {
  const folder = testFolder();
  const own = join(folder, "plugins", "memory");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  writeFileSync(join(own, "index.ts"), "export default {};\n", { mode: 0o600 });
  const file = join(folder, "cortex.yaml");
  writeFileSync(
    file,
    `plugins: { memory: { my_limit: 3 } }\nsecrets: { key_file: ${join(folder, "kek")} }\n`,
    {
      mode: 0o600,
    },
  );
  const options = { config: file, "data-dir": join(folder, "data"), "plugins-dir": join(folder, "plugins") };
  const settings = loadSettings(options);
  expect(settings.setAside.map(({ plugin }) => plugin)).toEqual(["memory"]);
  open = await openCortex(settings, { quiet: true });
  await open.start();
  const found = open.node!.inventory().plugins.filter(({ id }) => id.startsWith("memory"));
  expect(found.map(({ state }) => state).toSorted()).toEqual(["broken", "running"]);
  const broken = found.find(({ state }) => state === "broken")?.reason;
  expect(broken).toContain("the name memory belongs to a built-in plugin; rename the folder and the plugin");
  expect(broken).toContain(`${file}:1:`);
  expect(broken).toContain("my_limit");
  // Without such a folder it is a mistake like any other.
  rmSync(own, { recursive: true });
  expect(() => loadSettings(options)).toThrow("my_limit");
});

test("a reload during the stop is refused", async () => {
  const { cortex } = await installation("");
  const stopped = cortex.stop();
  open = null;
  expect(await cortex.reload().catch((error: { code: string }) => error.code)).toBe("config.stopping");
  await stopped;
});

test("before the tables of an older version change, there is a backup of them", async () => {
  const folder = testFolder();
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  openMigrated(join(data, "monitor.db"), MONITOR_MIGRATIONS.slice(0, 3)).close();
  const file = join(folder, "cortex.yaml");
  writeFileSync(file, `version: 1\nsecrets: { key_file: ${join(folder, "kek")} }\n`);
  const settings = () =>
    loadSettings({ config: file, "data-dir": data, "plugins-dir": join(folder, "plugins") });
  open = await openCortex(settings(), { quiet: true });
  const [backup, ...others] = listBackups(join(data, "backups")).backups;
  expect(others).toEqual([]);
  expect(backup).toMatchObject({ reason: "migration", files: ["monitor.db", "keys.sealed"], sound: true });
  expect(readManifest(backup!.path).files[0]!.schema).toBe(3);
  await open.stop();
  // The tables are new now: nothing to copy at the next start.
  open = await openCortex(settings(), { quiet: true });
  expect(listBackups(join(data, "backups")).backups).toHaveLength(1);
});

test("the first start of a declared service stands in the timeline as what it is: a note, no repair", async () => {
  const { cortex } = await installation(
    "plugins: { service: [{ id: demo, start: [/bin/sleep, '300'], on_stop: stop }] }",
  );
  await cortex.node!.start();
  const kept = new Database(join(cortex.settings().dataDir, "agent.db"), { readonly: true });
  const notes = kept.query<{ data: string }, []>("SELECT data FROM intents WHERE kind = 'note'").all();
  kept.close();
  const summary = expect.stringMatching(/^started demo as process \d+: it is declared and was not running$/);
  expect(notes.map(({ data }) => JSON.parse(data))).toMatchObject([
    { actor: "engine", category: "service", problemId: null, summary },
  ]);
});
