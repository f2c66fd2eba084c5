import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PluginInstance } from "../../config/schema.ts";
import { createTestContext } from "../../testing/context.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import { createRegistry } from "../registry.ts";
import { createUserPlugins, type UserPlugins } from "./user-plugins.ts";

let dir = "";
let plugins: UserPlugins | null = null;
let clock = createTestClock();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cortex-user-plugins-"));
});
afterEach(async () => {
  await plugins?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A child that gives every instance one check, named after what the instance was configured with. */
const CHILD = (needsConfig: boolean) => `
  const reply = (id, value) => console.log(JSON.stringify({ id, ok: true, value }));
  for await (const line of console) {
    const { id, call, input } = JSON.parse(line);
    if (call === "describe")
      reply(id, { name: "mine", version: "1.0.0", summary: "", capabilities: [], needsConfig: ${needsConfig}, configSchema: {} });
    else
      reply(id, { repairs: [], checks: [{ name: "look_" + (input.config.at ?? "default"), summary: "", type: "x.bad",
        nature: "fact", intervalMs: 1000, confirmMs: 0 }] });
  }`;

async function started({ needsConfig = false, instances = [] as PluginInstance[] } = {}) {
  const script = join(dir, "child.ts");
  writeFileSync(script, CHILD(needsConfig));
  mkdirSync(join(dir, "plugins", "mine"), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "plugins", "mine", "index.ts"), "", { mode: 0o600 });
  clock = createTestClock();
  const context = createTestContext({ plugin: "mine", clock });
  plugins = createUserPlugins({
    dir: join(dir, "plugins"),
    childArgv: [process.execPath, script],
    registry: createRegistry(),
    ports: context,
    node: context.node,
    hostRoot: "/",
    store: () => context.store,
    log: () => log,
    events: { wake() {}, note() {}, changed() {} },
  });
  await plugins.apply(instances);
  await plugins.start();
  return plugins.statuses().map(({ state, instance, checks }) => ({ state, instance, checks }));
}

const instance = (id: string, config: unknown, enabled = true): PluginInstance => ({
  plugin: "mine",
  id,
  host: { id, enabled },
  config,
});

test("a folder that nobody configured runs with its defaults, also one that was put there after the start", async () => {
  expect(await started()).toEqual([{ state: "running", instance: "default", checks: ["look_default"] }]);
});

test("configured instances run instead of the default one", async () => {
  const instances = [instance("a", { at: "a" }), instance("b", { at: "b" })];
  expect(await started({ instances })).toEqual([
    { state: "running", instance: "a", checks: ["look_a"] },
    { state: "running", instance: "b", checks: ["look_b"] },
  ]);
});

test("one that is switched off gets no instance, and one that needs configuration waits for it", async () => {
  const none = [{ state: "running" as const, instance: "default", checks: [] as string[] }];
  expect(await started({ instances: [instance("default", {}, false)] })).toEqual(none);
  await plugins?.stop();
  expect(await started({ needsConfig: true })).toEqual(none);
});

test("rights are looked at again: what others can write stops, and starts when they can't any more", async () => {
  expect(await started()).toMatchObject([{ state: "running" }]);
  const file = join(dir, "plugins", "mine", "index.ts");
  for (const [mode, state, reason] of [
    [0o666, "broken", `others can write ${file}; run: chmod go-w ${file}`],
    [0o600, "running", null],
  ] as const) {
    chmodSync(file, mode);
    await clock.advance(2000);
    await plugins?.apply([]);
    expect(plugins?.statuses()).toMatchObject([{ state, reason }]);
  }
});
