import { afterEach, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveSocket } from "../../../core/http/serve-socket.ts";
import { testFolder } from "../../../core/testing/test-folder.ts";
import { type Cortex, openCortex } from "../../cortex.ts";
import { noteStart } from "../../last-start.ts";
import { loadSettings } from "../../settings.ts";
import { fileToEdit } from "../daemon-file.ts";
import { settingsToCheck } from "./config.ts";

let stop = async () => {};
afterEach(() => stop());

/** A Cortex that is asked over its socket, and was started with a file of its own. */
async function running(): Promise<Cortex & { file: string }> {
  const folder = testFolder();
  const file = join(folder, "own.yaml");
  writeFileSync(file, "version: 1\n");
  const cortex = await openCortex(loadSettings({ config: file, "data-dir": join(folder, "data") }), {
    quiet: true,
  });
  const listener = serveSocket(cortex.api, cortex.dir.socket);
  stop = async () => {
    await listener.stop();
    await cortex.stop();
  };
  return { ...cortex, file };
}

test("who names no file checks the one with which the Cortex of this folder runs", async () => {
  const { dir, file } = await running();
  const { settings, runsOn } = await settingsToCheck({ "data-dir": dir.root });
  expect(settings.path).toBe(file);
  expect(runsOn).toBe(dir.root);
});

test("a plugin of one's own is known by the folder with which Cortex was started, also by who names its file", async () => {
  const { dir, file } = await running();
  const plugins = join(testFolder(), "plugins");
  mkdirSync(join(plugins, "queue-depth"), { recursive: true });
  writeFileSync(join(plugins, "queue-depth", "index.ts"), "");
  noteStart(dir.root, { config: file, "plugins-dir": plugins });
  writeFileSync(file, "plugins: { queue-depth: {} }\n");
  const { settings } = await settingsToCheck({ "data-dir": dir.root, config: file });
  expect(settings.instances.map((one) => one.plugin)).toContain("queue-depth");
});

test("a file that is named is the one that is checked", async () => {
  const { dir } = await running();
  const other = join(testFolder(), "other.yaml");
  writeFileSync(other, "version: 1\n");
  const { settings, runsOn } = await settingsToCheck({ "data-dir": dir.root, config: other });
  expect([settings.path, runsOn]).toEqual([other, null]);
});

test("the file to edit is the one with which the Cortex of this folder runs, else where a start would look", async () => {
  const { dir, file } = await running();
  expect(await fileToEdit(loadSettings({ "data-dir": dir.root }))).toEqual({ path: file, runs: true });
  const own = loadSettings({ "data-dir": testFolder() });
  expect(await fileToEdit(own)).toEqual({ path: own.configPlace, runs: false });
});
