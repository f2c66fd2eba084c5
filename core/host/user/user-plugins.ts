/**
 * Users' plugins: one folder each, one child process each. Loaded, reloaded when edited, gone when deleted; one that hangs,
 * crashes or floods is shown broken and tried again after a while, and nothing else slows.
 */
import { CortexError, isCortexError, messageOf, type NodeFacts, type PluginContext } from "cortex";
import type { InstanceConfig, PluginInstance } from "../../config/schema.ts";
import { type GuardedPorts, guardPorts } from "../../ports/capability.ts";
import { findUserPlugins, type UserPluginFolder } from "../../ports/plugin-folders.ts";
import type { PluginState, PluginStatus } from "../plugin-host.ts";
import type { Registry } from "../registry.ts";
import { hooksOf } from "./hooks.ts";
import type { ChildEvent, InstanceFacts, Manifest } from "./protocol.ts";
import { type Session, startSession } from "./session.ts";

const SCAN_MS = 2000;
const SETUP_TIMEOUT_MS = 10_000;
const RETRY_MS = [1000, 5000, 30_000, 120_000, 600_000];
/** A child that lived this long has come to terms: its count of restarts starts anew. */
const SETTLED_MS = 300_000;

const UNCONFIGURED = { id: "default", host: { id: "default", enabled: true }, config: {} };

export interface UserPlugins {
  /** Look at the folder now and then every two seconds. */
  start(): Promise<void>;
  /** Take the configured instances of users' plugins. */
  apply(instances: readonly PluginInstance[]): Promise<void>;
  statuses(): PluginStatus[];
  recordCall(plugin: string, instance: string, error: string | null): void;
  stop(): Promise<void>;
}

export interface UserPluginsDeps {
  dir: string;
  /** Starts this program as the child of a plugin. */
  childArgv: readonly string[];
  registry: Registry;
  ports: GuardedPorts & { clock: PluginContext["clock"] };
  node: NodeFacts;
  hostRoot: string;
  store: (plugin: string, instance: string) => PluginContext["store"];
  log: (plugin: string, instance: string) => PluginContext["log"];
  events: {
    wake(plugin: string, instance: string, check: string): void;
    note(plugin: string, instance: string, summary: string, data?: Record<string, unknown>): void;
    changed(): void;
  };
}

interface Loaded {
  folder: UserPluginFolder;
  state: PluginState;
  reason: string | null;
  manifest: Manifest | null;
  instances: Map<string, { facts: InstanceFacts; failures: number }>;
  session: Session | null;
  restarts: number;
  startedAt: number;
  cancelRetry: () => void;
  /** Why it broke before this start; it counts as broken until it has answered once. */
  trouble: string | null;
  /** What it was loaded with; another set of instances means a new child. */
  configured: string;
  stopped: boolean;
}

export function createUserPlugins(deps: UserPluginsDeps): UserPlugins {
  const { clock } = deps.ports;
  const loaded = new Map<string, Loaded>();
  let wanted: readonly PluginInstance[] = [];
  let cancelScan = () => {};
  let scanning: Promise<void> | null = null;
  let stopped = false;

  /** A plugin that nobody configured runs once with its defaults; its folder may be newer than the configuration. */
  function instancesOf(name: string): { id: string; host: InstanceConfig; config: unknown }[] {
    const written = wanted.filter((one) => one.plugin === name);
    return written.length === 0 ? [UNCONFIGURED] : written.filter((one) => one.host.enabled);
  }

  function scan(): Promise<void> {
    scanning ??= scanOnce().finally(() => {
      scanning = null;
    });
    return scanning;
  }

  async function scanOnce(): Promise<void> {
    const folders = new Map(findUserPlugins(deps.dir).map((folder) => [folder.name, folder]));
    for (const [name, plugin] of loaded) {
      const folder = folders.get(name);
      const configured = JSON.stringify(instancesOf(name));
      const isSame =
        folder?.signature === plugin.folder.signature && folder.refused === plugin.folder.refused;
      if (isSame && configured === plugin.configured) continue;
      unload(plugin);
      loaded.delete(name);
      deps.events.changed();
    }
    for (const [name, folder] of folders) if (!loaded.has(name) && !stopped) await load(name, folder, 0);
  }

  async function load(
    name: string,
    folder: UserPluginFolder,
    restarts: number,
    trouble: string | null = null,
  ): Promise<void> {
    const plugin: Loaded = {
      folder,
      state: "starting",
      reason: null,
      manifest: null,
      instances: new Map(),
      session: null,
      restarts,
      startedAt: clock.monotonic(),
      cancelRetry: () => {},
      trouble,
      configured: JSON.stringify(instancesOf(name)),
      stopped: false,
    };
    loaded.set(name, plugin);
    if (folder.refused !== null) return broken(plugin, folder.refused, false);
    try {
      await bringUp(name, plugin);
      plugin.state = "running";
    } catch (error) {
      const isItsOwnFault =
        isCortexError(error) &&
        ["plugin.invalid", "plugin.config", "plugin.hook", "host.duplicate"].includes(error.code);
      broken(plugin, messageOf(error), !isItsOwnFault);
    }
    deps.events.changed();
  }

  async function bringUp(name: string, plugin: Loaded): Promise<void> {
    let hung: string | null = null;
    const session = startSession({
      argv: deps.childArgv,
      clock,
      onEvent: (event) => onEvent(name, event),
      onStderr: (line) =>
        deps
          .log(name, "default")
          .warn("A plugin wrote to its standard error.", { line: line.slice(0, 2000) }),
      onHang: (call) => {
        hung = `it hung: no answer to a ${call} in time`;
      },
    });
    plugin.session = session;
    void session.ended.then((why) => {
      if (plugin.stopped || plugin.session !== session) return;
      broken(plugin, hung ?? `its process ${why}`, true);
      deps.events.changed();
    });
    const manifest = await session.call("describe", { file: plugin.folder.file }, SETUP_TIMEOUT_MS);
    if (manifest.name !== name)
      throw new CortexError(
        "plugin.invalid",
        "invalid",
        `the folder is named ${name}, the plugin ${manifest.name}; they must be equal`,
      );
    plugin.manifest = manifest;
    for (const instance of instancesOf(name))
      if (instance !== UNCONFIGURED || !manifest.needsConfig) await setUp(name, plugin, session, instance);
  }

  async function setUp(
    name: string,
    plugin: Loaded,
    session: Session,
    instance: { id: string; host: InstanceConfig; config: unknown },
  ): Promise<void> {
    const store = deps.store(name, instance.id);
    const { uptimeMs, ...node } = deps.node;
    const input = {
      instance: instance.id,
      config: instance.config,
      node: { ...node, bootedAt: clock.now() - uptimeMs() },
      hostRoot: deps.hostRoot,
      values: Object.fromEntries(store.keys().map((key) => [key, store.get(key)])),
    };
    const facts = await session.call("setup", input, SETUP_TIMEOUT_MS);
    const { exec } = guardPorts(deps.ports, name, plugin.manifest?.capabilities ?? []);
    const hooks = hooksOf(facts, { session, instance: instance.id, exec, timeoutMs: instance.host.timeout });
    deps.registry.add({ plugin: name, instance: instance.id, origin: "user", host: instance.host }, hooks);
    plugin.instances.set(instance.id, { facts, failures: 0 });
  }

  /** Shown broken; tried again after a wait that grows, unless only an edit can help. */
  function broken(plugin: Loaded, reason: string, retry: boolean): void {
    const { name } = plugin.folder;
    const lived = clock.monotonic() - plugin.startedAt;
    unload(plugin);
    plugin.state = "broken";
    plugin.reason = reason;
    deps.log(name, "default").error("A plugin is broken.", { reason });
    if (!retry || stopped) return;
    const restarts = lived > SETTLED_MS ? 0 : plugin.restarts;
    const wait = RETRY_MS[Math.min(restarts, RETRY_MS.length - 1)]!;
    plugin.restarts = restarts;
    plugin.cancelRetry = clock.after(wait, () => {
      if (loaded.get(name) === plugin && !stopped) void load(name, plugin.folder, restarts + 1, reason);
    });
  }

  function unload(plugin: Loaded): void {
    plugin.stopped = true;
    plugin.cancelRetry();
    for (const instance of plugin.instances.keys()) deps.registry.remove(plugin.folder.name, instance);
    plugin.session?.kill();
    plugin.state = "stopped";
  }

  function onEvent(name: string, event: ChildEvent): void {
    const store = deps.store(name, event.instance);
    switch (event.event) {
      case "wake":
        return deps.events.wake(name, event.instance, String(event.check));
      case "note":
        return deps.events.note(name, event.instance, String(event.summary).slice(0, 500), event.data);
      case "set":
        return store.set(String(event.key).slice(0, 200), event.value);
      case "delete":
        return store.delete(String(event.key));
      case "log":
        return deps
          .log(name, event.instance)
          [event.level](String(event.message).slice(0, 2000), event.fields);
    }
  }

  function statusesOf(name: string, plugin: Loaded): PluginStatus[] {
    const state = plugin.state === "running" && plugin.trouble !== null ? ("broken" as const) : plugin.state;
    const base = {
      name,
      version: plugin.manifest?.version ?? "0.0.0",
      origin: "user" as const,
      state,
      reason: plugin.reason ?? plugin.trouble,
      summary: plugin.manifest?.summary ?? "",
      capabilities: plugin.manifest?.capabilities ?? [],
      restarts: plugin.restarts,
    };
    const known = [...plugin.instances];
    if (known.length === 0) {
      const failures = state === "broken" ? Math.max(3, plugin.restarts + 1) : 0;
      return [{ ...base, instance: "default", checks: [], repairs: [], consecutiveFailures: failures }];
    }
    return known.map(([instance, { facts, failures }]) => ({
      ...base,
      instance,
      checks: facts.checks.map((one) => one.name),
      repairs: facts.repairs.map((one) => one.name),
      consecutiveFailures: state === "broken" ? Math.max(3, failures) : failures,
    }));
  }

  return {
    async start() {
      await scan();
      const again = () => {
        cancelScan = clock.after(SCAN_MS, () => void scan().finally(() => stopped || again()));
      };
      again();
    },
    async apply(instances) {
      wanted = instances;
      if (loaded.size > 0) await scan();
    },
    statuses: () => [...loaded].flatMap(([name, plugin]) => statusesOf(name, plugin)),
    recordCall(plugin, instance, error) {
      const found = loaded.get(plugin);
      const one = found?.instances.get(instance);
      if (found === undefined || one === undefined) return;
      one.failures = error === null ? 0 : one.failures + 1;
      if (error !== null || found.trouble === null) return;
      found.trouble = null;
      deps.events.changed();
    },
    async stop() {
      stopped = true;
      cancelScan();
      await scanning;
      for (const plugin of loaded.values()) unload(plugin);
    },
  };
}
