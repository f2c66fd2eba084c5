/**
 * The composition root: ports → stores → Monitor → node → API, for the daemon and for commands that work without one.
 * Agent and Monitor meet only through the Link.
 */
import { rmSync } from "node:fs";
import { type Clock, CortexError, messageOf } from "cortex";
import { type Backups, createBackups } from "../core/backup/backups.ts";
import { changedSections } from "../core/config/diff.ts";
import { configInvalid } from "../core/config/problems.ts";
import type { Api } from "../core/http/app.ts";
import { createIds } from "../core/ports/ids.ts";
import { createKeyRing } from "../core/ports/secrets/key-ring.ts";
import { createLog, type RootLog } from "../core/ports/log.ts";
import { createVault } from "../core/ports/secrets/vault.ts";
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
import { loadDecidingKey } from "../core/store/deciding-key.ts";
import { loadIdentity } from "../core/store/identity.ts";
import { createTrustNotes } from "../core/store/trust-notes.ts";
import { createUpstreamFiles } from "../core/store/upstream.ts";
import { createBeliefs, type TrustLedger } from "../core/uplink/beliefs.ts";
import type { Uplink } from "../core/wire/link.ts";
import { type AgentHalf, createAgentHalf } from "./agent-half.ts";
import { waiting, withBound } from "./bound.ts";
import { createMonitorHalf, type MonitorHalf } from "./monitor-half.ts";
import type { Node } from "./node.ts";
import { withOwnTrust } from "./own-trust.ts";
import { createSystemPorts } from "./ports.ts";
import { type Role, roleOf } from "./role.ts";
import type { Settings } from "./settings.ts";
import { placeOf } from "./user-plugins.ts";
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
    const agent = role === "monitor" ? null : openAgent(monitor?.uplink ?? null);
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

    function openAgent(uplink: Uplink | null): AgentHalf {
      return createAgentHalf({
        settings: () => settings,
        dir,
        ports,
        identity,
        vault,
        files,
        beliefs,
        joined,
        uplink,
        decidingKey,
        backups,
        openedAt,
        ready: () => isReady,
        redact,
        reload,
        log,
        ids,
      });
    }

    const inTurn = createTurns();
    let stopped = false;

    function reload(): Promise<{ changed: string[] }> {
      return inTurn(async () => {
        if (stopped) throw new CortexError("config.stopping", "unavailable", "Cortex is stopping");
        const before = settings;
        const read = before.again();
        const faults = (await agent?.node.userPlugins.judge(read.instances)) ?? [];
        if (faults.length > 0) throw configInvalid(faults.map((fault) => placeOf(read, fault, fault)));
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
