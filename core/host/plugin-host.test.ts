import { describe, expect, test } from "bun:test";
import { definePlugin, type PluginDefinition, type PluginHooks } from "cortex";
import * as z from "zod";
import type { PluginInstance } from "../config/schema.ts";
import { createTestContext } from "../testing/context.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createPluginHost } from "./plugin-host.ts";
import { checkKey, createRegistry } from "./registry.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

function rig(...definitions: PluginDefinition[]) {
  const clock = createTestClock();
  const registry = createRegistry();
  const context = createTestContext({ plugin: "host", clock });
  const host = createPluginHost({
    definitions,
    mode: "agent",
    registry,
    ports: { ...context, log: () => log, store: () => context.store, node: context.node },
    events: { wake() {}, note() {}, hasIntentInFlight: () => false, self: context.self, changed() {} },
  });
  return { clock, registry, host };
}

function plugin(name: string, hooks: () => PluginHooks): PluginDefinition {
  return definePlugin({
    name,
    version: "1.0.0",
    sdk: 1,
    summary: name,
    config: z.unknown(),
    modes: ["agent"],
    capabilities: [],
    setup: () => hooks(),
  });
}

const check = (name: string) => ({
  name,
  summary: name,
  type: "x.bad",
  nature: "fact" as const,
  intervalMs: 1000,
  confirmMs: 0,
  run: async () => [],
});

const instance = (name: string, id = "default", config: unknown = {}): PluginInstance => ({
  plugin: name,
  id,
  host: { id, enabled: true },
  config,
});

describe("plugin host", () => {
  test("a plugin whose setup throws is one broken plugin with its reason", async () => {
    const bad = plugin("bad", () => {
      throw new Error("no such file");
    });
    const { host } = rig(
      bad,
      plugin("good", () => ({ checks: [check("fine")] })),
    );
    await host.apply([instance("bad"), instance("good")]);
    await host.start();
    expect(host.statuses().map((one) => [one.name, one.state, one.reason])).toEqual([
      ["bad", "broken", "no such file"],
      ["good", "running", null],
    ]);
  });

  test("a start that fails is tried again with a growing wait", async () => {
    let tries = 0;
    const { host, clock } = rig(
      plugin("late", () => ({
        start() {
          tries += 1;
          if (tries < 3) throw new Error("not yet");
        },
      })),
    );
    await host.apply([instance("late")]);
    await host.start();
    const [first, second] = [clock.now(), clock.now() + 1000];
    expect(host.statuses()[0]).toMatchObject({
      state: "broken",
      reason: "not yet",
      lastError: { text: "not yet", at: first },
      retryAt: first + 1000,
    });
    await clock.advance(1000);
    expect(tries).toBe(2);
    expect(host.statuses()[0]).toMatchObject({ lastError: { at: second }, retryAt: second + 5000 });
    await clock.advance(5000);
    expect(host.statuses()[0]).toMatchObject({
      state: "running",
      reason: null,
      lastError: { text: "not yet", at: second },
      retryAt: null,
    });
  });

  test("stop is called for every plugin that was set up, in reverse, also after a failed start", async () => {
    const stopped: string[] = [];
    const tracked = (name: string, fails: boolean) =>
      plugin(name, () => ({
        start() {
          if (fails) throw new Error("no");
        },
        stop: () => void stopped.push(name),
      }));
    const { host } = rig(tracked("a", false), tracked("b", true));
    await host.apply([instance("a"), instance("b")]);
    await host.start();
    await host.stop();
    expect(stopped).toEqual(["b", "a"]);
  });

  test("one that was set up only is not stopped: a command beside the daemon ends nothing that it did not start", async () => {
    const events: string[] = [];
    const { host } = rig(plugin("p", () => ({ stop: () => void events.push("stop") })));
    await host.apply([instance("p")]);
    await host.stop();
    expect(events).toEqual([]);
  });

  test("one that is taken away while it starts is stopped when the start has ended, not left running", async () => {
    const events: string[] = [];
    const started = Promise.withResolvers<void>();
    const { host } = rig(
      plugin("slow", () => ({
        async start() {
          await started.promise;
          events.push("connected");
        },
        stop: () => void events.push("stop"),
      })),
    );
    await host.apply([instance("slow")]);
    const starting = host.start();
    await host.apply([]);
    started.resolve();
    await starting;
    expect(events.at(-1)).toBe("stop");
    expect(host.statuses()).toEqual([]);
  });

  test("a start or a stop that hangs keeps no other waiting for long", async () => {
    const hang = () => new Promise<void>(() => {});
    let isThere = false;
    const { host, clock } = rig(
      plugin("hangs", () => ({ start: hang, stop: hang })),
      plugin("works", () => ({ start: () => void (isThere = true) })),
    );
    await host.apply([instance("hangs"), instance("works")]);
    const started = host.start();
    await clock.advance(10_000);
    await started;
    expect(isThere).toBe(true);
    expect(host.statuses().map((one) => one.state)).toEqual(["starting", "running"]);
    const stopped = host.stop();
    await clock.advance(10_000);
    await stopped;
  });

  test("a new configuration restarts only what it changes", async () => {
    const events: string[] = [];
    const definition = definePlugin({
      name: "p",
      version: "1.0.0",
      sdk: 1,
      summary: "p",
      config: z.unknown(),
      modes: ["agent"],
      capabilities: [],
      setup: (ctx) => ({
        start: () => void events.push(`start ${ctx.instance}`),
        stop: () => void events.push(`stop ${ctx.instance}`),
      }),
    });
    const { host } = rig(definition);
    await host.apply([instance("p", "one"), instance("p", "two")]);
    await host.start();
    events.length = 0;
    await host.apply([instance("p", "one"), instance("p", "two", { changed: true })]);
    expect(events).toEqual(["stop two", "start two"]);
  });

  test("a second plugin with a taken check name is broken and names both owners", async () => {
    const { host, registry } = rig(
      plugin("first", () => ({ checks: [check("same")] })),
      plugin("second", () => ({ checks: [check("same")] })),
    );
    await host.apply([instance("first"), instance("second")]);
    expect(host.statuses()[1]).toMatchObject({ state: "broken" });
    expect(host.statuses()[1]?.reason).toContain(
      "check same of plugin second is already owned by plugin first",
    );
    expect(registry.checks()).toHaveLength(1);
  });

  test("instances of one plugin share a check's name and have keys of their own", async () => {
    const { host, registry } = rig(plugin("p", () => ({ checks: [check("same")] })));
    await host.apply([instance("p"), instance("p", "two")]);
    expect(registry.checks().map((one) => one.key)).toEqual(["same", checkKey("same", "two")]);
  });
});
