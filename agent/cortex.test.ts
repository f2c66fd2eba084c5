import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cortex, openCortex } from "./cortex.ts";
import { loadSettings } from "./settings.ts";

const folders: string[] = [];
let open: Cortex | null = null;
afterEach(async () => {
  await open?.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An installation in a folder of its own; `write` changes its file. Nothing of it is started. */
async function installation(first: string) {
  const folder = mkdtempSync(join(tmpdir(), "cortex-reload-"));
  folders.push(folder);
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

test("a reload during the stop is refused", async () => {
  const { cortex } = await installation("");
  const stopped = cortex.stop();
  open = null;
  expect(await cortex.reload().catch((error: { code: string }) => error.code)).toBe("config.stopping");
  await stopped;
});
