/** The agent half: store, plugins and engine of this node, joined to a Monitor by a Link. */
import type { Log, PluginDefinition, SelfStats } from "cortex";
import type { SetAside } from "../core/config/plugins.ts";
import type { Config, PluginInstance } from "../core/config/schema.ts";
import { createPluginHost, type HostPorts, type PluginHost } from "../core/host/plugin-host.ts";
import { createPluginStore } from "../core/host/plugin-store.ts";
import { checkKey, createRegistry } from "../core/host/registry.ts";
import type { BringUpDeps } from "../core/host/user/bring-up.ts";
import { createUserPlugins, type UserPlugins } from "../core/host/user/user-plugins.ts";
import type { TrustStore } from "../core/pipeline/trust/trust-store.ts";
import { type CommandDeps, createCommandHandler, entryOf } from "../core/pipeline/commands.ts";
import { createEngine, type Engine } from "../core/pipeline/engine.ts";
import { buildInventory } from "../core/pipeline/report/inventory.ts";
import type { Vault } from "../core/ports/secrets/vault.ts";
import type { AgentStore } from "../core/store/agent/agent-store.ts";
import type { Command, CommandResult } from "../core/wire/command.ts";
import type { InventoryBody } from "../core/wire/inventory.ts";
import type { Uplink } from "../core/wire/link.ts";
import { nodeFacts, type SystemPorts } from "./ports.ts";
import { createPrivileges, wantedPrivileges } from "./rights/privileges.ts";
import { createRootHelper } from "./rights/root-helper.ts";
import { findCageHere, rulesOf } from "./user-plugins.ts";
import { VERSION } from "./version.ts";

export interface NodeDeps {
  config: () => Config;
  instances: readonly PluginInstance[];
  setAside: () => readonly SetAside[];
  place: BringUpDeps["place"];
  definitions: readonly PluginDefinition[];
  ports: SystemPorts;
  nodeId: string;
  /** What it was called when it joined its Monitor. */
  givenName: string | undefined;
  store: AgentStore;
  /** For what plugins keep sealed. */
  vault: Vault;
  epoch: () => number;
  uplink: Uplink;
  /** Who may decide for this node. */
  trust: TrustStore;
  newId: () => string;
  random: () => number;
  rotateKey: () => Promise<{ key: string }>;
  followKey: CommandDeps["followKey"];
  backups: () => SelfStats["backups"];
  redact: (text: string) => string;
  log: (plugin: string, instance: string) => Log;
  servicesDir: string | null;
  /** Folder of users' plugins, and what of Cortex's own they never see. */
  pluginsDir: string;
  hidden: readonly string[];
  reload: () => Promise<{ changed: string[] }>;
  showConfig: () => unknown;
}

export interface Node {
  /** Carry out what a Monitor, or the local administrator, asks for. */
  command: (command: Command) => Promise<CommandResult>;
  inventory: () => InventoryBody;
  engine: Engine;
  host: PluginHost;
  userPlugins: UserPlugins;
  start(): Promise<void>;
  /** Take a new set of plugin instances, after a reload. */
  apply(instances: readonly PluginInstance[]): Promise<void>;
  stop(): Promise<void>;
}

export function createNode(deps: NodeDeps): Node {
  const { ports, store, nodeId } = deps;
  const node = nodeFacts(deps.config(), ports.facts, nodeId, deps.givenName);
  let wantedInstances = deps.instances;
  const rootHelper = createRootHelper(() => deps.config().privileges.helper);
  const registry = createRegistry();
  const valuesOf: HostPorts["store"] = (plugin, instance) =>
    createPluginStore(store, deps.vault, `${plugin}~${instance}`);
  const hostPorts: HostPorts = {
    ...ports,
    node,
    log: deps.log,
    paths: { services: deps.servicesDir },
    store: valuesOf,
    privilegesOf: createPrivileges(
      ports.facts.isRoot,
      deps.config,
      () => wantedPrivileges(deps.config(), wantedInstances, deps.definitions),
      rootHelper.leave,
    ),
  };
  const note = (plugin: string, instance: string, summary: string, data?: Record<string, unknown>) =>
    void store.ledger.append("note", `plugin:${plugin}`, { instance, summary, ...data });
  /** What Cortex did by itself and is no repair, such as the first start of a declared service, stands in the timeline, too. */
  const noteBuiltIn: typeof note = (plugin, instance, summary, data) => {
    const entry = {
      id: deps.newId(),
      kind: "note",
      level: "L1",
      summary,
      text: "",
      category: plugin,
    } as const;
    store.transaction(() => {
      note(plugin, instance, summary, data);
      engine.stages.intents.create(entryOf({ ...entry, actor: "engine" }, ports.clock.now()));
    });
  };
  const changed = () => {
    if (started) engine.reschedule();
  };
  const statuses = () => [...host.statuses(), ...userPlugins.statuses()];
  let started = false;
  const host = createPluginHost({
    definitions: deps.definitions,
    mode: "agent",
    registry,
    ports: hostPorts,
    events: {
      wake: (key) => engine.wake(key),
      note: noteBuiltIn,
      hasIntentInFlight: (owner) => engine.stages.repairer.ownerInFlight(owner),
      self: () => ({ ...selfUsage(), plugins: statuses(), backups: deps.backups() }),
      changed,
    },
  });
  const userPlugins = createUserPlugins({
    dir: deps.pluginsDir,
    taken: new Set(deps.definitions.map((one) => one.name)),
    setAside: deps.setAside,
    place: deps.place,
    cage: once(() => findCageHere(ports, deps.hidden)),
    rules: () => rulesOf(deps.config(), deps.pluginsDir),
    hidden: deps.hidden,
    checkTimeoutMs: () => deps.config().engine.check_timeout,
    registry,
    ports,
    node,
    hostRoot: deps.config().host_root,
    store: valuesOf,
    log: deps.log,
    events: { wake: (_plugin, instance, check) => engine.wake(checkKey(check, instance)), note, changed },
  });
  const engine = createEngine({
    ...deps,
    node,
    rootHelper,
    registry,
    clock: ports.clock,
    fs: ports.fs,
    beginTick: () => ports.fs.beginTick(),
    version: VERSION,
    recordCall: (plugin, instance, error) => {
      host.recordCall(plugin, instance, error);
      userPlugins.recordCall(plugin, instance, error);
    },
    plugins: statuses,
    ownPaths: deps.hidden,
    inventory: () => inventory(),
  });
  const inventory = () =>
    buildInventory({
      node,
      facts: ports.facts,
      version: VERSION,
      config: deps.config,
      store,
      registry,
      plugins: statuses,
      history: (key) => engine.history(key),
      nextRunAt: (key) => engine.nextRunAt(key),
      earned: (repair) => engine.stages.standing.of(repair),
    });
  const command = createCommandHandler({
    engine,
    store,
    clock: ports.clock,
    nodeId,
    checkKeys: () => registry.checks().map((one) => one.key),
    reload: deps.reload,
    rotateKey: deps.rotateKey,
    followKey: deps.followKey,
    showConfig: deps.showConfig,
  });
  deps.uplink.onCommand(command);

  return {
    command,
    inventory,
    engine,
    host,
    userPlugins,
    async start() {
      await host.apply(deps.instances);
      await userPlugins.apply(deps.instances);
      started = true;
      await engine.start(async () => {
        await host.start();
        await userPlugins.start();
      });
    },
    async apply(instances) {
      wantedInstances = instances;
      await host.apply(instances);
      await userPlugins.apply(instances);
      engine.reschedule();
      engine.stages.repairer.considerAll();
    },
    async stop() {
      await engine.stop();
      await userPlugins.stop();
      await host.stop();
    },
  };
}

/** Asked when the first plugin wants to start: a host without plugins pays nothing. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= work());
}

function selfUsage(): { rssBytes: number; cpuSeconds: number } {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
}
