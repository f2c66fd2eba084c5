/**
 * The composition root: ports → stores → Monitor → node → API, for the daemon and for commands that work without one.
 * Agent and Monitor meet only through the Link.
 */
import { rmSync } from "node:fs";
import { type Clock, CortexError, type Log, messageOf } from "cortex";
import { changedSections, type ConfigSection } from "../core/config/diff.ts";
import type { Config } from "../core/config/schema.ts";
import { showConfig } from "../core/config/show.ts";
import { createIds } from "../core/ports/ids.ts";
import { createKeyRing } from "../core/ports/key-ring.ts";
import { createLog, type RootLog } from "../core/ports/log.ts";
import { wantsTls } from "../core/ports/server-certificate.ts";
import { createVault } from "../core/ports/vault.ts";
import {
  type DataDir,
  type DataLock,
  ensureBallast,
  lockDataDir,
  prepareDataDir,
} from "../core/store/data-dir.ts";
import { createAgentStore } from "../core/store/agent/create-agent-store.ts";
import { loadDecisionKey, loadIdentity, nextEpoch } from "../core/store/identity.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createMonitorHalf, type MonitorHalf } from "./monitor.ts";
import { createNode, type Node } from "./node.ts";
import { createSystemPorts } from "./ports.ts";
import { ownPlaces } from "./user-plugins.ts";
import type { Settings } from "./settings.ts";
import { createTrust } from "./trust.ts";

export interface Cortex {
  monitor: MonitorHalf;
  node: Node;
  log: RootLog;
  clock: Clock;
  dir: DataDir;
  /** Start the Monitor, then the node. Without it, the API answers from what is stored. */
  start(): Promise<void>;
  /** Read the configuration again; throws and keeps what runs when it is not valid. */
  reload(): Promise<{ changed: string[] }>;
  settings(): Settings;
  stop(): Promise<void>;
}

/** What is bound at start: a reload keeps it and says so, instead of taking one half of it. */
const BOUND: readonly ConfigSection[] = [
  ...(["host_root", "data_dir", "plugins_dir", "node", "link", "log", "secrets", "retention"] as const),
];
/** Of these, the part that is not bound takes effect at once. */
const PARTLY_BOUND: readonly ConfigSection[] = ["server", "engine"];

function withBound(before: Config, after: Config): Config {
  const bound = Object.fromEntries(BOUND.map((section) => [section, before[section]]));
  return { ...after, ...bound, engine: { ...after.engine, tick: before.engine.tick } };
}

/** The sections of which something waits for a restart. */
function waiting(before: Config, after: Config): ConfigSection[] {
  const isBound = (section: ConfigSection) =>
    section === "server"
      ? before.server.listen !== after.server.listen ||
        wantsTls(before.server.tls) !== wantsTls(after.server.tls)
      : section !== "engine" || before.engine.tick !== after.engine.tick;
  return changedSections(before, after).filter(
    (section) => BOUND.includes(section) || (PARTLY_BOUND.includes(section) && isBound(section)),
  );
}

export async function openCortex(initial: Settings, options: { quiet?: boolean } = {}): Promise<Cortex> {
  let settings = initial;
  const dir = prepareDataDir(settings.dataDir);
  const lock: DataLock = lockDataDir(dir.root);
  try {
    return await compose();
  } catch (error) {
    lock.release();
    throw error;
  }

  async function compose(): Promise<Cortex> {
    const { config } = settings;
    const level = options.quiet ? "error" : config.log.level;
    // A reload may bring new secrets: those of today are hidden.
    const redact = (text: string) => settings.secrets.redact(text);
    const log = createLog({ level, format: config.log.format, redact });
    const ids = createIds();
    const ports = createSystemPorts(config, () => settings.config);
    const identity = loadIdentity(dir.keys);
    const ring = createKeyRing({
      path: settings.keyFile,
      dataDir: dir.root,
      credentialsDir: process.env.CREDENTIALS_DIRECTORY,
    });
    const vault = createVault(ring);
    const decisionKey = loadDecisionKey(dir.keys);
    const now = () => ports.clock.now();
    const backups = { backupsDir: dir.backups, keepBackups: config.retention.backups };
    const signing = { sign: identity.sign, verify: identity.verify };
    const store = createAgentStore(dir.agentDb, {
      origin: identity.nodeId,
      ...signing,
      now,
      newId: ids.uuid,
      ...backups,
    });
    const monitor = await createMonitorHalf({
      settings: () => settings,
      dir,
      ports,
      identity,
      vault,
      decisionKey,
      log,
      newId: ids.uuid,
      localNode: identity.nodeId,
    });
    const node = createNode({
      config: () => settings.config,
      instances: settings.instances,
      definitions: builtins,
      ports,
      nodeId: identity.nodeId,
      store,
      epoch: nextEpoch(dir.keys),
      uplink: monitor.uplink,
      trust: createTrust(() => [decisionKey.publicKey]),
      newId: ids.uuid,
      random: ids.random,
      rotateKey: () => Promise.reject(localNode()),
      redact,
      log: (plugin, instance): Log => log.child({ plugin, instance }),
      servicesDir: dir.services,
      pluginsDir: settings.pluginsDir,
      hidden: ownPlaces(settings),
      reload,
      showConfig: () => showConfig(settings).value,
    });

    const inTurn = createTurns();
    let stopped = false;

    function reload(): Promise<{ changed: string[] }> {
      return inTurn(async () => {
        if (stopped) throw new CortexError("config.stopping", "unavailable", "Cortex is stopping");
        const before = settings;
        const read = before.again();
        const later = waiting(before.config, read.config);
        settings = { ...read, config: withBound(before.config, read.config) };
        await node.apply(read.instances);
        await monitor.apply(read.instances);
        if (later.length > 0) log.warn("These sections take effect after a restart.", { sections: later });
        const isSame = JSON.stringify(before.instances) === JSON.stringify(read.instances);
        const changed = [...changedSections(before.config, read.config), ...(isSame ? [] : ["plugins"])];
        store.ledger.append("config.reloaded", "engine", { changed });
        log.info("Configuration was read again.", { changed });
        return { changed };
      });
    }

    /** Every part is stopped, also when one before it failed to. */
    async function stopAll(): Promise<void> {
      stopped = true;
      for (const [part, stop] of Object.entries({
        node: () => node.stop(),
        monitor: () => monitor.stop(),
        store: () => store.close(),
        socket: () => rmSync(dir.socket, { force: true }),
        lock: () => lock.release(),
      }))
        try {
          await stop();
        } catch (error) {
          log.error("A part failed to stop.", { part, reason: messageOf(error) });
        }
    }

    return {
      monitor,
      node,
      log,
      clock: ports.clock,
      dir,
      reload,
      settings: () => settings,
      start: () =>
        inTurn(async () => {
          ensureBallast(dir.root);
          await monitor.start();
          await node.start();
          monitor.markReady();
        }),
      stop: () => inTurn(stopAll),
    };
  }
}

/** Start, reloads and stop come one after the other: two at once would set up and tear down the same plugins. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

const localNode = () =>
  new CortexError(
    "link.local",
    "conflict",
    "this node runs inside its Monitor: it has no key that could be replaced",
  );
