/**
 * The composition root: ports → stores → Monitor → node → API, for the daemon and for commands that work without one.
 * Agent and Monitor meet only through the Link.
 */
import { rmSync } from "node:fs";
import { type Clock, CortexError, type Log, messageOf } from "cortex";
import { checkKey } from "../core/access/sealed.ts";
import { type Backups, createBackups } from "../core/backup/backups.ts";
import { changedSections, type ConfigSection } from "../core/config/diff.ts";
import type { Config } from "../core/config/schema.ts";
import { showConfig } from "../core/config/show.ts";
import type { Api } from "../core/http/app.ts";
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
import { copyDatabases } from "../core/store/backup/copy.ts";
import { copyInWorker } from "../core/store/backup/copy-in-worker.ts";
import { hasOlderSchema } from "../core/store/backup/pending.ts";
import { finishSwap } from "../core/store/backup/swap.ts";
import { createAgentStore } from "../core/store/agent/create-agent-store.ts";
import { loadDecidingKey } from "../core/store/deciding-key.ts";
import { loadIdentity, nextEpoch } from "../core/store/identity.ts";
import { decidingKeys, followInto } from "../core/uplink/deciding-keys.ts";
import { createTrustNotes } from "../core/store/trust-notes.ts";
import { createUpstreamFiles } from "../core/store/upstream.ts";
import { createBeliefs, ledgerOf, type TrustLedger } from "../core/uplink/beliefs.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createAgentApi } from "./agent-api.ts";
import { createMonitorHalf, type MonitorHalf } from "./monitor.ts";
import { createNode, type Node } from "./node.ts";
import { withOwnTrust } from "./own-trust.ts";
import { createSystemPorts } from "./ports.ts";
import { ownPlaces } from "./user-plugins.ts";
import { type Role, roleOf } from "./role.ts";
import { absolute, type Settings } from "./settings.ts";
import { createTrust } from "./trust.ts";
import { createUpstreamLink } from "./upstream-link.ts";
import { VERSION } from "./version.ts";
import { backupSettingsOf } from "./backup-settings.ts";

export interface Cortex {
  role: Role;
  /** The Monitor's API, or what an agent answers to its own commands. */
  api: Api;
  /** null where this program is an agent alone. */
  monitor: MonitorHalf | null;
  /** null where it is a Monitor alone. */
  node: Node | null;
  /** Address of the Monitor this node has joined. */
  upstream: string | null;
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
  ...([
    "host_root",
    "data_dir",
    "plugins_dir",
    "node",
    "link",
    "log",
    "secrets",
    "retention",
    "role",
    "upstream",
  ] as const),
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

export interface OpenOptions {
  quiet?: boolean;
  /** How long to wait for a folder that is in use. */
  lockWaitMs?: number;
}

export async function openCortex(initial: Settings, options: OpenOptions = {}): Promise<Cortex> {
  let settings = initial;
  const dir = prepareDataDir(settings.dataDir);
  const lock: DataLock = lockDataDir(dir.root, options.lockWaitMs);
  try {
    // A restore that was cut short goes on before anything is opened.
    finishSwap(dir.root);
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
    const files = createUpstreamFiles(dir.keys);
    const beliefs = createBeliefs({
      files,
      notes: createTrustNotes(dir.keys),
      now: () => ports.clock.now(),
      newId: ids.uuid,
    });
    const joined = files.read();
    const role = roleOf(config.role, joined);
    const credentialsDir = process.env.CREDENTIALS_DIRECTORY;
    const vault = createVault(createKeyRing({ path: settings.keyFile, dataDir: dir.root, credentialsDir }));
    const openedAt = ports.clock.now();
    let isReady = false;
    let isOpen = false;
    const backups = await openBackups();
    const decidingKey = role === "agent" ? null : loadDecidingKey(dir.keys);
    const monitor = role === "agent" ? null : await openMonitor();
    const agent = role === "monitor" ? null : openAgent(monitor);
    if (monitor !== null && agent === null) beliefs.writeInto(monitorLedger(monitor.audit));
    const api = withOwnTrust(monitor?.api ?? agent!.api!, {
      beliefs,
      log,
      newId: ids.uuid,
      moved: () => agent?.link?.leave(),
    });
    isOpen = true;

    /** Before the first store is opened, and so changed by a newer program, what is there is copied. */
    async function openBackups(): Promise<Backups> {
      const made = createBackups({
        dir,
        identity,
        vault,
        version: VERSION,
        clock: ports.clock,
        log: log.child({ part: "backup" }),
        settings: () => backupSettingsOf(settings.config, dir),
        copy: (job, signal) => (isOpen ? copyInWorker(job, signal) : copyDatabases(job)),
        record(kind, actor, payload) {
          if (!isOpen) return;
          if (monitor === null) agent?.store.ledger.append(kind, actor, payload);
          else monitor.audit(kind, actor, payload);
        },
      });
      if (hasOlderSchema(dir)) {
        const { name } = await made.create("migration", "local");
        log.info("The tables are brought to a newer form; a backup was made before.", { name });
      }
      return made;
    }

    async function openMonitor(): Promise<MonitorHalf> {
      return createMonitorHalf({
        settings: () => settings,
        dir,
        ports,
        identity,
        vault,
        sealedBeside: () => (isOpen && agent !== null ? [agent.store] : []),
        backups,
        decidingKey: decidingKey!,
        log,
        newId: ids.uuid,
        localNode: identity.nodeId,
      });
    }

    function openAgent(beside: MonitorHalf | null) {
      const store = createAgentStore(dir.agentDb, {
        origin: identity.nodeId,
        sign: identity.sign,
        verify: identity.verify,
        now: () => ports.clock.now(),
        redact,
        newId: ids.uuid,
      });
      try {
        checkKey(store, vault);
      } catch (error) {
        log.warn("What plugins keep sealed can't be read; they do without it.", { reason: messageOf(error) });
      }
      // Before anything that acts: whom this node believes, as its people last said.
      beliefs.writeInto(ledgerOf(store));
      const epoch = nextEpoch(dir.keys);
      const link =
        beside === null
          ? createUpstreamLink({
              joined: joined!,
              files,
              beliefs,
              identity,
              ports,
              config: () => settings.config,
              epoch,
              random: ids.random,
              log: log.child({ part: "link" }),
            })
          : null;
      const trusted = () =>
        decidingKey?.trusted(ports.clock.now()) ?? decidingKeys(files.read(), ports.clock.now());
      const node = createNode({
        config: () => settings.config,
        instances: settings.instances,
        definitions: builtins,
        ports,
        nodeId: identity.nodeId,
        store,
        vault,
        epoch,
        uplink: link ?? beside!.uplink,
        trust: createTrust(trusted),
        newId: ids.uuid,
        random: ids.random,
        followKey: (links, actor) =>
          decidingKey === null
            ? followInto(beliefs, links, ports.clock.now(), actor)
            : { from: decidingKey.name, to: decidingKey.name },
        rotateKey: () => (link === null ? Promise.reject(localNode()) : link.rotate()),
        backups: () => {
          const { enabled, everyMs, lastGoodAt, failure } = backups.status();
          return enabled && isReady ? { everyMs, startedAt: openedAt, lastGoodAt, failure } : null;
        },
        redact,
        log: (plugin, instance): Log => log.child({ plugin, instance }),
        servicesDir: dir.services,
        pluginsDir: settings.pluginsDir,
        hidden: ownPlaces(settings),
        reload,
        showConfig: () => showConfig(settings).value,
      });
      const own =
        link &&
        createAgentApi({
          log,
          newId: ids.uuid,
          store,
          vault,
          upstream: joined!,
          identity,
          link,
          inventory: node.inventory,
          command: node.command,
          backups,
          configFile: () => absolute(settings.path),
          ready: () => isReady,
        });
      return { store, node, link, api: own };
    }

    const inTurn = createTurns();
    let stopped = false;

    function reload(): Promise<{ changed: string[] }> {
      return inTurn(async () => {
        if (stopped) throw new CortexError("config.stopping", "unavailable", "Cortex is stopping");
        const before = settings;
        const read = before.again();
        const later = waiting(before.config, read.config);
        settings = { ...read, config: withBound(before.config, read.config) };
        await agent?.node.apply(read.instances);
        await monitor?.apply(read.instances);
        if (later.length > 0) log.warn("These sections take effect after a restart.", { sections: later });
        const isSame = JSON.stringify(before.instances) === JSON.stringify(read.instances);
        const changed = [...changedSections(before.config, read.config), ...(isSame ? [] : ["plugins"])];
        agent?.store.ledger.append("config.reloaded", "engine", { changed });
        log.info("Configuration was read again.", { changed });
        return { changed };
      });
    }

    /** Every part is stopped, also when one before it failed to. */
    async function stopAll(): Promise<void> {
      stopped = true;
      for (const [part, stop] of Object.entries({
        backups: () => backups.stop(),
        hurry: () => agent?.link?.hurry(),
        node: () => agent?.node.stop(),
        link: () => agent?.link?.stop(),
        monitor: () => monitor?.stop(),
        store: () => agent?.store.close(),
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
      role,
      api,
      monitor,
      node: agent?.node ?? null,
      upstream: joined?.url ?? null,
      log,
      clock: ports.clock,
      dir,
      reload,
      settings: () => settings,
      start: () =>
        inTurn(async () => {
          ensureBallast(dir.root);
          await monitor?.start();
          agent?.link?.start();
          await agent?.node.start();
          isReady = true;
          backups.start();
          monitor?.markReady();
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

/** A Monitor that checks nothing itself keeps no other ledger; what is noted twice after a crash is the lesser evil. */
const monitorLedger = (audit: MonitorHalf["audit"]): TrustLedger => ({
  append({ kind, actor, data }) {
    if (kind === "upstream.joined" || kind === "upstream.left") audit(kind, actor, data);
  },
  known: () => undefined,
});

const localNode = () =>
  new CortexError(
    "link.local",
    "conflict",
    "this node runs inside its Monitor: it has no key that could be replaced",
  );
