/** From the files of a user's plugin to its hooks in the registry: read once, judged, started in the cage, set up. */
import {
  CortexError,
  formatBytes,
  isCortexError,
  type NodeFacts,
  type PluginContext,
  type PluginStore,
} from "cortex";
import { type ConfigProblem, formatProblem } from "../../config/problems.ts";
import type { InstanceConfig } from "../../config/schema.ts";
import type { Cage } from "../../ports/user-plugins/cage.ts";
import type { GuardedPorts } from "../../ports/user-plugins/capability.ts";
import { type PluginBundle, readPlugin } from "../../ports/user-plugins/plugin-files.ts";
import { createPluginFs } from "../../ports/user-plugins/plugin-fs.ts";
import {
  type LockEntry,
  notAllowed,
  type PluginLock,
  readLock,
} from "../../ports/user-plugins/plugin-lock.ts";
import type { Registry } from "../registry.ts";
import { type Broker, createBroker, onlySystemPrograms } from "./broker.ts";
import { createEventSink } from "./events.ts";
import { hooksOf } from "./hooks.ts";
import type { Loaded } from "./loaded.ts";
import type { ConfigFault, Manifest, SealedValue } from "./protocol.ts";
import { factsSaid, faultsSaid, manifestSaid } from "./said.ts";
import { type Session, startSession } from "./session.ts";

const SETUP_TIMEOUT_MS = 10_000;
const JUDGE_TIMEOUT_MS = 5000;

export interface WantedInstance {
  id: string;
  host: InstanceConfig;
  config: unknown;
}

export interface UserPluginRules {
  /** allow_listed: only what plugins.lock names by its hashes. any: every folder whose rights are safe. */
  load: "allow_listed" | "any";
  /** require: where this host has no cage, no plugin runs. */
  cage: "require" | "prefer";
  /** Of one plugin's processes together. */
  memoryBytes: number;
}

export interface BringUpDeps {
  cage: () => Promise<Cage>;
  rules: () => UserPluginRules;
  registry: Registry;
  ports: GuardedPorts & { clock: PluginContext["clock"] };
  node: NodeFacts;
  hostRoot: string;
  /** Real paths of Cortex's own folders. */
  hidden: readonly string[];
  /** A check without a time-out of its own has this much. */
  checkTimeoutMs: () => number;
  store: (plugin: string, instance: string) => PluginContext["store"];
  log: (plugin: string, instance: string) => PluginContext["log"];
  events: {
    wake(plugin: string, instance: string, check: string): void;
    note(plugin: string, instance: string, summary: string, data?: Record<string, unknown>): void;
  };
  /** Of a configuration that is wrong: where that is written. */
  place: (instance: { plugin: string; id: string }, fault: ConfigFault) => ConfigProblem;
  instancesOf: (name: string) => { instances: readonly WantedInstance[]; configured: boolean };
  /** Its process is gone, by its own doing or because it was stopped. */
  onEnd(plugin: Loaded, reason: string): void;
}

export async function bringUp(deps: BringUpDeps, plugin: Loaded): Promise<void> {
  const { name, dir } = plugin.folder;
  const cage = await deps.cage();
  plugin.cage = cage.label;
  const rules = deps.rules();
  if (cage.kind === "none" && rules.cage === "require")
    throw refused(`there is no cage for it here: ${cage.label}; see user_plugins.cage`);
  const bundle = readPlugin(dir, name);
  if ("refused" in bundle) throw refused(bundle.refused);
  const lock = rules.load === "any" ? null : readLock(dir);
  plugin.granted = lock === null ? null : (lock.plugins[name]?.permissions ?? []);
  const reason = lock === null ? null : notAllowed(lock, name, bundle.hashes);
  if (reason !== null) throw refused(reason);
  if (plugin.stopped) return;
  await start(deps, plugin, cage, bundle, lock);
}

async function start(
  deps: BringUpDeps,
  plugin: Loaded,
  cage: Cage,
  bundle: PluginBundle,
  lock: PluginLock | null,
): Promise<void> {
  const { name, dir } = plugin.folder;
  let stoppedFor: string | null = null;
  let broker: Broker | null = null;
  const stop = (why: string) => {
    stoppedFor = why;
    session.kill();
  };
  const events = eventsOf(deps, plugin);
  const session = startSession({
    argv: cage.argv,
    clock: deps.ports.clock,
    memoryBytes: deps.rules().memoryBytes,
    onEvent(said) {
      const flood = plugin.stopped ? null : events.take(said);
      if (flood !== null) stop(flood);
    },
    onAsk: async (ask) => (await broker?.answer(ask)) ?? null,
    onStderr: (line) =>
      deps.log(name, "default").warn("A plugin wrote to its standard error.", { line: line.slice(0, 2000) }),
    onHang: (call) => (stoppedFor = `it hung: no answer to a ${call} in time`),
    onTooLarge: (bytes) => stop(`it used ${formatBytes(bytes)} of memory, more than it may`),
    onTooMany: (count) => stop(`it had ${count} processes, more than it may`),
  });
  plugin.session = session;
  void session.ended.then((why) => {
    if (plugin.stopped || plugin.session !== session) return;
    deps.onEnd(plugin, stoppedFor ?? `its process ${why}`);
  });
  const described = await session.call(
    "describe",
    { folder: `${dir}/${name}`, ...textsOf(bundle) },
    SETUP_TIMEOUT_MS,
  );
  const manifest = manifestSaid(described);
  if (manifest.name !== name)
    throw invalid(`the folder is named ${name}, the plugin ${manifest.name}; they must be equal`);
  plugin.manifest = manifest;
  assertPermitted(manifest, lock?.plugins[name]);
  broker = createBroker({
    plugin: name,
    capabilities: manifest.capabilities,
    ports: portsOf(deps, manifest),
    programs: cage.programs,
  });
  const { instances, configured } = deps.instancesOf(name);
  for (const instance of instances) {
    if (!configured && manifest.needsConfig) continue;
    try {
      await setUp(deps, plugin, manifest, instance);
    } catch (error) {
      if (!isCortexError(error) || error.code !== "plugin.config") throw error;
      // The others are right, and work.
      const reason = await whereWrong(deps, session, name, instance).catch(() => error.message);
      plugin.wrong.set(instance.id, reason);
      deps.log(name, instance.id).error("An instance of a plugin is broken.", { reason });
    }
  }
}

/** What the child finds wrong with a configuration. */
export const judge = async (session: Session, config: unknown): Promise<ConfigFault[]> =>
  faultsSaid(await session.call("judge", { config }, JUDGE_TIMEOUT_MS));

async function whereWrong(
  deps: BringUpDeps,
  session: Session,
  plugin: string,
  { id, config }: WantedInstance,
): Promise<string> {
  const faults = await judge(session, config);
  const told = faults.map((fault) => formatProblem(deps.place({ plugin, id }, fault)));
  if (told.length === 0) throw new CortexError("plugin.config", "invalid", "it changed its mind");
  return told.join("; ");
}

const refused = (why: string) => new CortexError("plugin.refused", "forbidden", why);
const invalid = (why: string) => new CortexError("plugin.invalid", "invalid", why);
const textsOf = ({ entry, files }: PluginBundle) => ({ entry, files });

/** The same bytes may describe themselves differently the next time. */
function assertPermitted(manifest: Manifest, entry: LockEntry | undefined): void {
  const more =
    entry === undefined ? undefined : manifest.capabilities.find((one) => !entry.permissions.includes(one));
  if (more !== undefined)
    throw refused(`it wants ${more}, which it was not allowed; run: cortex plugin allow ${manifest.name}`);
}

function portsOf(deps: BringUpDeps, { capabilities }: Manifest): GuardedPorts {
  const { ports, hostRoot, hidden } = deps;
  return { ...ports, fs: createPluginFs({ fs: ports.fs, hostRoot, capabilities, hidden }) };
}

function eventsOf(deps: BringUpDeps, plugin: Loaded) {
  const { name } = plugin.folder;
  return createEventSink({
    clock: deps.ports.clock,
    store: (instance) => deps.store(name, instance),
    log: (instance) => deps.log(name, instance),
    has: (instance, check) =>
      deps.instancesOf(name).instances.some((one) => one.id === instance) &&
      (check === undefined ||
        plugin.instances.get(instance)?.facts.checks.some((one) => one.name === check) === true),
    wake: (instance, check) => deps.events.wake(name, instance, check),
    note: (instance, summary, data) => deps.events.note(name, instance, summary, data),
  });
}

function sealedValue({ sealed }: PluginStore, key: string): SealedValue {
  try {
    return { value: sealed.get(key) };
  } catch (error) {
    if (!isCortexError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function setUp(
  deps: BringUpDeps,
  plugin: Loaded,
  manifest: Manifest,
  instance: WantedInstance,
): Promise<void> {
  const { name } = plugin.folder;
  const { session } = plugin;
  if (session === null) return;
  const store = deps.store(name, instance.id);
  const { uptimeMs, ...node } = deps.node;
  const declared = manifest.capabilities.filter((one) => one.startsWith("exec:")).map((one) => one.slice(5));
  const input = {
    instance: instance.id,
    config: instance.config,
    node: { ...node, bootedAt: deps.ports.clock.now() - uptimeMs() },
    values: Object.fromEntries(store.keys().map((key) => [key, store.get(key)])),
    sealed: Object.fromEntries(store.sealed.keys().map((key) => [key, sealedValue(store, key)])),
    programs: Object.fromEntries(declared.map((one) => [one, deps.ports.exec.which(one)])),
  };
  const facts = factsSaid(await session.call("setup", input, SETUP_TIMEOUT_MS));
  if (plugin.stopped) throw new CortexError("plugin.ended", "unavailable", "it was stopped meanwhile");
  const hooks = hooksOf(facts, {
    session,
    instance: instance.id,
    // A plan was decided on as it stands; its steps run with Cortex's own rights.
    exec: onlySystemPrograms(deps.ports.exec, name, manifest.capabilities),
    timeoutMs: instance.host.timeout,
    checkTimeoutMs: deps.checkTimeoutMs,
  });
  deps.registry.add({ plugin: name, instance: instance.id, origin: "user", host: instance.host }, hooks);
  plugin.instances.set(instance.id, { facts, failures: 0 });
}
