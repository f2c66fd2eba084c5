import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginInstance } from "../../config/schema.ts";
import { sha256 } from "../../ports/user-plugins/plugin-files.ts";
import { writeLock } from "../../ports/user-plugins/plugin-lock.ts";
import { createTestContext } from "../../testing/context.ts";
import { until } from "../../testing/real-host.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import { diskFolder } from "../../testing/test-folder.ts";
import { createRegistry } from "../registry.ts";
import { createUserPlugins, type UserPlugins } from "./user-plugins.ts";

let dir = "";
let plugins: UserPlugins | null = null;
let clock = createTestClock();
/** What the program was asked for by events. */
let calls: string[] = [];
const registry = createRegistry();
beforeEach(() => {
  dir = diskFolder();
});
afterEach(async () => {
  await plugins?.stop();
});

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A child that does as it is told by `says`, a piece of its program run after each setup. */
const SAYING = (says: string, facts = "{ checks: [], repairs: [] }") => `
  const say = (message) => console.log(JSON.stringify(message));
  for await (const line of console) {
    const { id, call, input } = JSON.parse(line);
    if (call === "describe")
      say({ id, ok: true, value: { name: "mine", version: "1.0.0", summary: "", capabilities: [], needsConfig: false, configSchema: {} } });
    else { say({ id, ok: true, value: ${facts} }); ${says} }
  }`;

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

async function started({
  needsConfig = false,
  instances = [] as PluginInstance[],
  child = CHILD(needsConfig),
  folder = "mine",
  load = "any" as "any" | "allow_listed",
  /** Allowed with these permissions. */
  allowed = null as string[] | null,
} = {}) {
  const script = join(dir, "child.ts");
  writeFileSync(script, child);
  mkdirSync(join(dir, "plugins", folder), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "plugins", folder, "index.ts"), "", { mode: 0o600 });
  if (allowed !== null)
    writeLock(join(dir, "plugins"), {
      [folder]: {
        version: "1.0.0",
        files: { "index.ts": sha256("") },
        permissions: allowed,
        allowed_at: "",
        allowed_by: "",
      },
    });
  calls = [];
  clock = createTestClock();
  const context = createTestContext({ plugin: "mine", clock });
  plugins = createUserPlugins({
    dir: join(dir, "plugins"),
    taken: new Set(["disk"]),
    setAside: () => [],
    place: ({ plugin, id }, { at, message }) => ({
      source: "cortex.yaml",
      line: 3,
      column: 5,
      path: [plugin, id, ...at].join("."),
      message,
    }),
    cage: async () => ({
      kind: "none",
      label: "none",
      uid: null,
      argv: [process.execPath, script],
      programs: [],
    }),
    rules: () => ({ load, cage: "prefer", memoryBytes: 2 ** 30 }),
    hidden: [],
    checkTimeoutMs: () => 10_000,
    registry,
    ports: context,
    node: context.node,
    hostRoot: "/",
    store: () => ({
      ...context.store,
      set(key, value) {
        if (key === "huge") throw new Error("too large");
        calls.push(`set ${key}`);
        context.store.set(key, value);
      },
    }),
    log: () => log,
    events: {
      wake: (_plugin, _instance, check) => calls.push(`wake ${check}`),
      note: (_plugin, _instance, summary) => calls.push(`note ${summary}`),
      changed: () => calls.push("changed"),
    },
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

/** As CHILD, but it takes no instance that is configured with `bad`. */
const STRICT = CHILD(false).replace(
  "else",
  `else if (call === "judge")
      reply(id, input.config.at === "bad" ? [{ at: ["at"], message: "is bad" }] : []);
    else if (input.config.at === "bad")
      console.log(JSON.stringify({ id, ok: false, code: "plugin.config", message: "configuration is not valid" }));
    else`,
);

test("an instance whose configuration is wrong is broken by its own name and says where, the others work on", async () => {
  const instances = [instance("good", { at: "a" }), instance("wrong", { at: "bad" })];
  expect(await started({ instances, child: STRICT })).toEqual([
    { state: "running", instance: "good", checks: ["look_a"] },
    { state: "broken", instance: "wrong", checks: [] },
  ]);
  const [good, wrong] = plugins!.statuses();
  expect([good?.reason, wrong?.reason]).toEqual([null, "cortex.yaml:3:5 mine.wrong.at: is bad"]);
});

test("what is wrong with instances is known before they are taken", async () => {
  await started({ instances: [instance("good", { at: "a" })], child: STRICT });
  const next = [instance("good", { at: "b" }), instance("wrong", { at: "bad" })];
  expect(await plugins!.judge(next)).toEqual([
    { plugin: "mine", id: "wrong", at: ["at"], message: "is bad" },
  ]);
  expect(await plugins!.judge([instance("wrong", { at: "bad" }, false)])).toEqual([]);
  expect(plugins!.statuses().map((one) => one.checks)).toEqual([["look_a"]]);
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

const settled = (what: () => boolean) => until(what, "the child's words have arrived");
const state = () => plugins?.statuses().map((one) => [one.state, one.reason]);

test("nonsense from a child, and a value that can't be kept, end neither the child nor the program", async () => {
  const says = `
    say({ event: "set", instance: "default", key: "huge", value: 1 });
    say({ event: "log", instance: "default", level: "shout", message: "x" });
    say({ event: "note" }); say(null); say(7); say({ event: "wake", instance: "other", check: "cpu" });
    say({ event: "set", instance: "default", key: "last", value: 1 });`;
  await started({ child: SAYING(says) });
  await settled(() => calls.includes("set last"));
  expect(calls.filter((one) => one !== "changed")).toEqual(["set last"]);
  expect(state()).toEqual([["running", null]]);
});

test("a child wakes its own checks only, and its notes are bounded", async () => {
  const facts = `{ repairs: [], checks: [{ name: "own", summary: "", type: "x.bad", nature: "fact", intervalMs: 1000, confirmMs: 0 }] }`;
  const says = `
    await Bun.sleep(20);
    for (const check of ["cpu", "own"]) say({ event: "wake", instance: "default", check });
    for (let n = 0; n < 80; n += 1) say({ event: "note", instance: "default", summary: "n" + n });
    say({ event: "set", instance: "default", key: "last", value: 1 });`;
  await started({ child: SAYING(says, facts) });
  await settled(() => calls.includes("set last"));
  expect(calls.filter((one) => one.startsWith("wake"))).toEqual(["wake own"]);
  expect(calls.filter((one) => one.startsWith("note"))).toHaveLength(60);
});

test("a child that floods the program with events is stopped and shown broken", async () => {
  const says = `for (let n = 0; n < 1000; n += 1) say({ event: "set", instance: "default", key: "k", value: n });`;
  await started({ child: SAYING(says) });
  await settled(() => state()?.[0]?.[0] === "broken");
  expect(state()?.[0]?.[1]).toContain("flooded");
  expect(calls.filter((one) => one === "set k").length).toBeLessThanOrEqual(100);
});

test("one that crashed says why, when it starts again, and what its last error was once it runs", async () => {
  const ends = `if (!(await Bun.file("${dir}/once").exists())) { await Bun.write("${dir}/once", ""); process.exit(3); }`;
  const at = clock.now();
  await started({ child: SAYING(ends.replaceAll("${dir}", dir)) });
  await settled(() => state()?.[0]?.[0] === "broken");
  const error = { text: "its process exited with code 3", at };
  expect(plugins!.statuses()[0]).toMatchObject({ lastError: error, retryAt: at + 1000, restarts: 0 });
  await clock.advance(1000);
  await settled(() => plugins!.statuses()[0]!.restarts === 1 && plugins!.statuses()[0]!.version === "1.0.0");
  expect(plugins!.statuses()[0]).toMatchObject({ lastError: error, retryAt: null });
});

test("what a plugin asks for stands beside what it was allowed, also while it is refused", async () => {
  const wants = (list: string) => CHILD(false).replace("capabilities: []", `capabilities: ${list}`);
  const shown = () => {
    const { state: now, capabilities, granted, retryAt } = plugins!.statuses()[0]!;
    return { state: now, capabilities, granted, retryAt };
  };
  await started({ child: wants('["net"]'), load: "allow_listed", allowed: ["fs"] });
  expect(shown()).toEqual({ state: "broken", capabilities: ["net"], granted: ["fs"], retryAt: null });
  await plugins!.stop();
  await started({ child: wants('["net"]') });
  expect(shown()).toEqual({ state: "running", capabilities: ["net"], granted: null, retryAt: null });
});

test("an interval that would keep the program busy, and a name that is none, are refused", async () => {
  const check = (over: string) =>
    `{ repairs: [], checks: [{ name: "own", summary: "", type: "x.bad", nature: "fact", intervalMs: 1000, confirmMs: 0, ${over} }] }`;
  for (const over of ["intervalMs: 0", 'name: "own~other"', 'nature: "guess"']) {
    await started({ child: SAYING("", check(over)) });
    expect(state()?.[0]?.[0]).toBe("broken");
    await plugins?.stop();
  }
});

test("a folder with the name of a built-in plugin is refused, and takes nothing of that plugin away", async () => {
  const owner = {
    plugin: "disk",
    instance: "default",
    origin: "built-in",
    host: instance("default", {}).host,
  };
  const check = {
    name: "fs",
    summary: "",
    type: "x",
    nature: "fact",
    intervalMs: 1000,
    confirmMs: 0,
  } as const;
  registry.add({ ...owner, origin: "built-in" }, { checks: [{ ...check, run: async () => [] }] });
  await started({ folder: "disk" });
  expect(state()?.[0]?.[1]).toContain("belongs to a built-in plugin");
  await plugins?.stop();
  expect(registry.check("fs")).not.toBeNull();
});

const BUILT_IN = {
  plugin: "self",
  instance: "default",
  origin: "built-in",
  host: { id: "default", enabled: true },
} as const;
const builtInChecks = (name: string) => [
  {
    name,
    summary: "",
    type: "x",
    nature: "fact",
    intervalMs: 1000,
    confirmMs: 0,
    run: async () => [],
  } as const,
];

test("a check named like a built-in one breaks its own plugin, with both names, and nothing else", async () => {
  registry.add(BUILT_IN, { checks: [...builtInChecks("look_default")] });
  await started();
  expect(state()).toEqual([["broken", "check look_default of plugin mine is already owned by plugin self"]]);
  expect(registry.check("look_default")?.plugin).toBe("self");
  registry.remove("self", "default");
});

test("a built-in that comes later, with a reload, takes its name from a user's plugin, which is shown broken", async () => {
  const instances = [instance("a", { at: "a" }), instance("b", { at: "b" })];
  await started({ instances });
  const checks = () => registry.checks().filter(({ key }) => key.startsWith("look_"));
  expect(checks().map(({ key }) => key)).toEqual(["look_a~a", "look_b~b"]);
  registry.add(BUILT_IN, { checks: [...builtInChecks("look_b")] });
  expect(checks().map(({ plugin, key }) => [plugin, key])).toEqual([["self", "look_b"]]);
  expect(state()?.[0]).toEqual([
    "broken",
    "check look_b belongs to the built-in plugin self; rename it in plugin mine",
  ]);
  registry.remove("self", "default");
});

test("an edited plugin is loaded anew without being gone in between", async () => {
  await started();
  const checks = () => registry.checks().map((one) => one.check.name);
  const seen: string[][] = [];
  calls = [];
  writeFileSync(join(dir, "plugins", "mine", "index.ts"), "// edited", { mode: 0o600 });
  const changed = calls.push.bind(calls);
  calls.push = (...given) => {
    seen.push(checks());
    return changed(...given);
  };
  await clock.advance(2000);
  await settled(() => seen.length > 0);
  expect(seen.every((names) => names.includes("look_default"))).toBe(true);
});

test("stopping while a child is asked something waits for no answer", async () => {
  const silent = `for await (const line of console) { void line; }`;
  const starting = started({ child: silent });
  await settled(() => state()?.[0]?.[0] === "starting");
  await plugins?.stop();
  expect(await starting).toEqual([{ state: "stopped", instance: "default", checks: [] }]);
});
