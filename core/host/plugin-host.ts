/**
 * Built-in plugins inside the program: validate → setup → register → start → run → stop, timed and logged the same way for
 * all. A plugin that fails is one failed plugin, shown as broken with the reason; never a crash of the program.
 */
import {
  messageOf,
  type NodeFacts,
  type PluginContext,
  type PluginDefinition,
  type PluginHooks,
} from "cortex";
import type { PluginInstance } from "../config/schema.ts";
import { canonicalJson } from "../domain/ledger.ts";
import { type GuardedPorts, guardPorts } from "../ports/user-plugins/capability.ts";
import { firstStatus, type PluginStatus } from "./plugin-status.ts";
import { checkKey, type Owner, type Registry } from "./registry.ts";

export interface HostPorts extends GuardedPorts {
  clock: PluginContext["clock"];
  log: (plugin: string, instance: string) => PluginContext["log"];
  store: (plugin: string, instance: string) => PluginContext["store"];
  paths: PluginContext["paths"];
  /** Of one instance; without it none is granted. */
  privilegesOf?: (instance: string) => PluginContext["privileges"];
  node: NodeFacts;
}

export interface HostEvents {
  wake(key: string): void;
  note(plugin: string, instance: string, summary: string, data?: Record<string, unknown>): void;
  hasIntentInFlight(owner: string): boolean;
  self(): ReturnType<PluginContext["self"]>;
  /** Plugins or their hooks changed: the engine schedules anew and the inventory is sent. */
  changed(): void;
}

export interface PluginHost {
  /** Bring the set of running instances to exactly this one; unchanged ones are left alone. */
  apply(instances: readonly PluginInstance[]): Promise<void>;
  /** Calls `start` of what is set up and not started yet. */
  start(): Promise<void>;
  statuses(): PluginStatus[];
  /** The engine's account of calls; three failures in a row are a problem of plugin_health. */
  recordCall(plugin: string, instance: string, error: string | null): void;
  stop(): Promise<void>;
}

interface Running {
  instance: PluginInstance;
  status: PluginStatus;
  hooks: PluginHooks;
  abort: AbortController;
  started: boolean;
  /** `start` was called and has not ended. */
  starting: boolean;
  /** `start` was called: then, and only then, there is something to stop. */
  attempted: boolean;
}

const NO_PRIVILEGES: PluginContext["privileges"] = {
  unit: () => "nothing is changed here",
  helper: () => null,
  missing: () => [],
  chore: () => ({ by: "nobody", missing: "nothing is changed here" }),
};
const RETRY_START_MS = [1000, 5000, 30_000, 120_000];
/** A start or stop that takes longer goes on beside the program, which does not wait for it. */
const WAIT_MS = 10_000;

export function createPluginHost(deps: {
  definitions: readonly PluginDefinition[];
  mode: "agent" | "monitor";
  registry: Registry;
  ports: HostPorts;
  events: HostEvents;
}): PluginHost {
  const { registry, ports, events } = deps;
  const running = new Map<string, Running>();
  const keyOf = (plugin: string, instance: string) => `${plugin}~${instance}`;
  let hostStarted = false;

  function contextOf(
    definition: PluginDefinition,
    instance: PluginInstance,
    abort: AbortController,
  ): PluginContext {
    const { name } = definition;
    return {
      plugin: name,
      instance: instance.id,
      node: ports.node,
      clock: ports.clock,
      ...guardPorts(ports, name, definition.capabilities),
      log: ports.log(name, instance.id),
      store: ports.store(name, instance.id),
      paths: ports.paths,
      privileges: ports.privilegesOf?.(instance.id) ?? NO_PRIVILEGES,
      signal: abort.signal,
      self: () => events.self(),
      wake: (check) => events.wake(checkKey(check, instance.id)),
      note: (summary, data) => events.note(name, instance.id, summary, data),
      hasIntentInFlight: (owner) => events.hasIntentInFlight(owner),
    };
  }

  function setUp(instance: PluginInstance): void {
    const definition = deps.definitions.find((one) => one.name === instance.plugin);
    if (definition === undefined || !definition.modes.includes(deps.mode)) return;
    const abort = new AbortController();
    const status = firstStatus(definition, instance);
    const entry: Running = {
      instance,
      status,
      hooks: {},
      abort,
      started: false,
      starting: false,
      attempted: false,
    };
    running.set(keyOf(instance.plugin, instance.id), entry);
    if (!instance.host.enabled) return;
    const owner: Owner = {
      plugin: definition.name,
      instance: instance.id,
      origin: "built-in",
      host: instance.host,
    };
    try {
      entry.hooks = definition.setup(contextOf(definition, instance, abort), instance.config);
      registry.add(owner, entry.hooks);
      status.checks = (entry.hooks.checks ?? []).map((check) => check.name);
      status.repairs = (entry.hooks.repairs ?? []).map((repair) => repair.name);
    } catch (error) {
      breakDown(entry, error);
    }
  }

  function breakDown(entry: Running, error: unknown): void {
    entry.status.state = "broken";
    entry.status.reason = messageOf(error);
    entry.status.lastError = { text: messageOf(error), at: ports.clock.now() };
    ports
      .log(entry.status.name, entry.status.instance)
      .error("Plugin is broken.", { reason: messageOf(error) });
  }

  async function startOne(entry: Running): Promise<void> {
    if (entry.started || entry.starting || entry.status.state !== "starting") return;
    const began = ports.clock.monotonic();
    try {
      await startHooks(entry);
      ports.log(entry.status.name, entry.status.instance).debug("Plugin started.", {
        durationMs: Math.round(ports.clock.monotonic() - began),
      });
    } catch (error) {
      breakDown(entry, error);
      // The program goes on; the retries happen beside it.
      void retryLater(entry);
    }
  }

  async function startHooks(entry: Running): Promise<void> {
    entry.starting = true;
    entry.attempted = true;
    try {
      await entry.hooks.start?.();
    } finally {
      entry.starting = false;
    }
    // It was stopped while it started: what the start has begun since then ends as well.
    if (entry.abort.signal.aborted) return stopHooks(entry);
    entry.started = true;
    entry.status.state = "running";
    entry.status.reason = null;
  }

  async function retryLater(entry: Running): Promise<void> {
    for (let attempt = 0; !entry.abort.signal.aborted; attempt += 1) {
      const wait = RETRY_START_MS[Math.min(attempt, RETRY_START_MS.length - 1)]!;
      entry.status.retryAt = ports.clock.now() + wait;
      // After the first failure whoever started it tells of it.
      if (attempt > 0) changed();
      try {
        await ports.clock.sleep(wait, entry.abort.signal);
        entry.status.retryAt = null;
        entry.status.restarts += 1;
        await startHooks(entry);
      } catch (error) {
        if (!entry.abort.signal.aborted) breakDown(entry, error);
        continue;
      }
      changed();
      return;
    }
  }

  function changed(): void {
    try {
      events.changed();
    } catch (error) {
      ports
        .log("core", "host")
        .error("A change of plugins could not be taken.", { reason: messageOf(error) });
    }
  }

  async function stopHooks(entry: Running): Promise<void> {
    try {
      await inTime((async () => entry.hooks.stop?.())());
    } catch (error) {
      ports
        .log(entry.status.name, entry.status.instance)
        .error("Plugin failed to stop.", { reason: messageOf(error) });
    }
  }

  async function tearDown(entry: Running): Promise<void> {
    if (entry.abort.signal.aborted) return;
    entry.abort.abort(new Error("plugin stopped"));
    registry.remove(entry.status.name, entry.status.instance);
    if (entry.attempted) await stopHooks(entry);
    entry.status.state = "stopped";
    running.delete(keyOf(entry.status.name, entry.status.instance));
  }

  async function startAll(): Promise<void> {
    let isLate = false;
    const all = Promise.all([...running.values()].map(startOne)).then(() => {
      if (isLate) changed();
    });
    await inTime(all);
    isLate = true;
  }

  /** Resolves with the work, or when it takes too long. */
  async function inTime(work: Promise<void>): Promise<void> {
    const done = new AbortController();
    const late = ports.clock.sleep(WAIT_MS, done.signal).catch(() => undefined);
    await Promise.race([work, late]);
    done.abort();
  }

  // Canonical JSON compares configs by value; parsed configs hold plain data only.
  const same = (a: PluginInstance, b: PluginInstance) => canonicalJson(a) === canonicalJson(b);

  return {
    async apply(instances) {
      const wanted = new Map(instances.map((one) => [keyOf(one.plugin, one.id), one]));
      const obsolete = [...running.entries()].filter(([key, entry]) => {
        const next = wanted.get(key);
        return next === undefined || !same(entry.instance, next);
      });
      for (const [, entry] of obsolete.toReversed()) await tearDown(entry);
      for (const [key, instance] of wanted) if (!running.has(key)) setUp(instance);
      if (hostStarted) await startAll();
      changed();
    },
    async start() {
      hostStarted = true;
      await startAll();
      changed();
    },
    statuses: () => [...running.values()].map((entry) => ({ ...entry.status })),
    recordCall(plugin, instance, error) {
      const entry = running.get(keyOf(plugin, instance));
      if (entry === undefined) return;
      entry.status.consecutiveFailures = error === null ? 0 : entry.status.consecutiveFailures + 1;
      if (entry.status.state === "running") entry.status.reason = error;
    },
    async stop() {
      for (const entry of [...running.values()].toReversed()) await tearDown(entry);
    },
  };
}
