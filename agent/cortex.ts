/**
 * The composition root: ports → stores → Monitor → node → API, for the daemon and for commands that work without one.
 * Agent and Monitor meet only through the Link.
 */
import { unlinkSync } from "node:fs";
import type { Log } from "cortex";
import { changedSections, type ConfigSection } from "../core/config/diff.ts";
import { showConfig } from "../core/config/show.ts";
import { createIds } from "../core/ports/ids.ts";
import { createLog, type RootLog } from "../core/ports/log.ts";
import {
  type DataDir,
  type DataLock,
  ensureBallast,
  lockDataDir,
  prepareDataDir,
} from "../core/store/data-dir.ts";
import { createAgentStore } from "../core/store/agent/create-agent-store.ts";
import { loadIdentity, nextEpoch } from "../core/store/identity.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createMonitorHalf, type MonitorHalf } from "./monitor.ts";
import { createNode, type Node } from "./node.ts";
import { createSystemPorts } from "./ports.ts";
import type { Settings } from "./settings.ts";

export interface Cortex {
  monitor: MonitorHalf;
  node: Node;
  log: RootLog;
  dir: DataDir;
  /** Start the Monitor, then the node. Without it, the API answers from what is stored. */
  start(): Promise<void>;
  /** Read the configuration again; throws and keeps what runs when it is not valid. */
  reload(): Promise<{ changed: string[] }>;
  settings(): Settings;
  stop(): Promise<void>;
}

/** What is bound at start: a reload says so instead of pretending. */
const RESTART_SECTIONS: readonly ConfigSection[] = ["host_root", "data_dir", "plugins_dir", "server", "node"];

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
    const { config, secrets } = settings;
    const level = options.quiet ? "error" : config.log.level;
    const log = createLog({ level, format: config.log.format, redact: secrets.redact });
    const ids = createIds();
    const ports = createSystemPorts(config);
    const identity = loadIdentity(dir.keys);
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
      newId: ids.uuid,
      redact: secrets.redact,
      log: (plugin, instance): Log => log.child({ plugin, instance }),
      servicesDir: dir.services,
      pluginsDir: settings.pluginsDir,
      childArgv: [...selfArgv(), "plugin-host"],
      reload,
      showConfig: () => showConfig(settings).value,
    });

    async function reload(): Promise<{ changed: string[] }> {
      const next = settings.again();
      const sections = changedSections(settings.config, next.config);
      const before = settings;
      settings = next;
      await node.apply(next.instances);
      await monitor.apply(next.instances);
      const later = sections.filter((section) => RESTART_SECTIONS.includes(section));
      if (later.length > 0) log.warn("These sections take effect after a restart.", { sections: later });
      const plugins = JSON.stringify(before.instances) === JSON.stringify(next.instances) ? [] : ["plugins"];
      const changed = [...sections, ...plugins];
      store.ledger.append("config.reloaded", "engine", { changed });
      log.info("Configuration was read again.", { changed });
      return { changed };
    }

    return {
      monitor,
      node,
      log,
      dir,
      reload,
      settings: () => settings,
      async start() {
        ensureBallast(dir.root);
        await monitor.start();
        await node.start();
        monitor.markReady();
      },
      async stop() {
        await node.stop();
        await monitor.stop();
        store.close();
        try {
          unlinkSync(dir.socket);
        } catch {
          // It is gone already, or was never there.
        }
        lock.release();
      },
    };
  }
}

/** How to start this very program again: the compiled binary alone, or the runtime with the source file. */
function selfArgv(): string[] {
  const entry = process.argv[1] ?? "";
  return entry.startsWith("/$bunfs/") || !entry.endsWith(".ts")
    ? [process.execPath]
    : [process.execPath, entry];
}
