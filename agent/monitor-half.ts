/** The Monitor half: its store, history, access and API, and the plugins that run beside it (auth methods). */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PluginStore, PluginValues } from "cortex";
import type { Config, PluginInstance } from "../core/config/schema.ts";
import { createPluginHost } from "../core/host/plugin-host.ts";
import { createRegistry } from "../core/host/registry.ts";
import { type Api, createApi } from "../core/http/app.ts";
import { randomToken } from "../core/access/secrets.ts";
import { createAccess } from "../core/access/access.ts";
import type { Audit } from "../core/access/audit.ts";
import type { Backups } from "../core/backup/backups.ts";
import { checkKey, type SealedStore } from "../core/access/sealed.ts";
import { createDecide } from "../core/decide/create-decide.ts";
import { autonomyItemOf } from "../core/monitor/items.ts";
import { decisionItemOf } from "../core/monitor/decision-item.ts";
import { createEnrol } from "../core/enrol/enrol.ts";
import type { TransportFacts } from "../core/http/services.ts";
import { createMonitor, type Monitor } from "../core/monitor/monitor.ts";
import type { RootLog } from "../core/ports/log.ts";
import type { Vault } from "../core/ports/secrets/vault.ts";
import type { DataDir } from "../core/store/data-dir.ts";
import type { DecidingKey } from "../core/store/deciding-key.ts";
import type { NodeIdentity } from "../core/store/identity.ts";
import { loadKeyPair, verifySignature } from "../core/store/key-file.ts";
import { createMetricsStore } from "../core/store/metrics/create-metrics-store.ts";
import { createTokenKeys } from "../core/store/token-keys.ts";
import { openMonitorStore } from "../core/store/monitor/store.ts";
import type { Uplink } from "../core/wire/link.ts";
import { builtins } from "../plugins/index.gen.ts";
import { decideConfigOf } from "./decide-config.ts";
import { loadAssets } from "./assets.ts";
import { nodeFacts, type SystemPorts } from "./ports.ts";
import { absolute, type Settings } from "./settings.ts";
import { VERSION } from "./version.ts";

export interface MonitorHalf {
  api: Api;
  monitor: Monitor;
  uplink: Uplink;
  /** Write into the Monitor's own chain. */
  audit: Audit;
  /** How it is reached, for the settings. */
  announce(facts: TransportFacts): void;
  /** A new setup token while there is no admin; null afterwards. */
  setupToken(): string | null;
  start(): Promise<void>;
  markReady(): void;
  apply(instances: readonly PluginInstance[]): Promise<void>;
  stop(): Promise<void>;
}

export interface MonitorHalfDeps {
  settings: () => Settings;
  dir: DataDir;
  ports: SystemPorts;
  identity: NodeIdentity;
  backups: Backups;
  /** For what is stored and must be readable again, such as the secrets of one-time codes. */
  vault: Vault;
  /** The store of the node in this program, once it is open. */
  sealedBeside: () => readonly SealedStore[];
  /** Signs what this Monitor decides. */
  decidingKey: DecidingKey;
  log: RootLog;
  newId: () => string;
  localNode: string;
}

const BUDGET_MS = 60_000;

export async function createMonitorHalf(deps: MonitorHalfDeps): Promise<MonitorHalf> {
  const { dir, ports, identity, log } = deps;
  const { clock } = ports;
  const { config } = deps.settings();
  const now = () => clock.now();
  const key = loadKeyPair(join(dir.keys, "monitor.key"), "the Monitor's key");
  const store = openMonitorStore(dir.monitorDb, {
    now,
    redact: (text) => deps.settings().secrets.redact(text),
    origin: `monitor:${identity.nodeId}`,
    sign: key.sign,
    // Before it had a key of its own, the Monitor signed with the node's.
    verify: (message, signature) =>
      verifySignature(key.publicKey, message, signature) || identity.verify(message, signature),
    checkpointLog: join(dir.root, "monitor-checkpoints.log"),
  });
  checkKey(store, deps.vault);
  const metrics = createMetricsStore(dir.metricsDb, {
    now,
    rawMs: config.retention.metrics_raw,
    rollupMs: config.retention.metrics_rollup,
    budgetBytes: config.retention.metrics_budget,
  });
  const monitor = createMonitor({
    clock,
    intents: {
      noticed: (node, intent) => decide.intents.noticed(node, intent),
      settle: () => decide.intents.settle(),
    },
    log: log.child({ part: "monitor" }),
    store,
    metrics,
    version: VERSION,
    config: {
      heartbeatMs: config.link.heartbeat,
      lateAfter: config.link.late_after,
      offlineAfter: config.link.offline_after,
      keepProblemsMs: config.retention.problems,
    },
  });
  const registry = createRegistry();
  const host = createPluginHost({
    definitions: builtins,
    mode: "monitor",
    registry,
    ports: {
      ...ports,
      tokenKeys: createTokenKeys(dir.keys, `cortex:${identity.nodeId}`, now),
      node: nodeFacts(config, ports.facts, identity.nodeId),
      log: (plugin, instance) => log.child({ plugin, instance }),
      store: () => noStore,
      paths: { services: null },
    },
    events: {
      wake: () => {},
      note: () => {},
      hasIntentInFlight: () => false,
      self: () => ({ ...usage(), plugins: [], backups: null }),
      changed: () => {},
    },
  });
  const access = createAccess({
    clock,
    store,
    providers: () => registry.authProviders(),
    sessionLimits: () => ({
      idleMs: deps.settings().config.server.session_idle,
      maxMs: deps.settings().config.server.session_max,
      recentMs: deps.settings().config.server.session_recent,
    }),
    newId: deps.newId,
    vault: deps.vault,
    requireSecondFactor: () => deps.settings().config.server.require_second_factor,
    hostNames: () => [ports.facts.hostname, ...namesOf(deps.settings().config)],
  });
  const decide = createDecide({
    clock,
    log: log.child({ part: "decide" }),
    store,
    nodes: monitor.nodes,
    downlink: monitor.downlink,
    signer: deps.decidingKey,
    judges: () => registry.deciders(),
    config: () => decideConfigOf(deps.settings(), dir.root),
    newId: deps.newId,
    newNonce: () => randomToken().slice(0, 22),
    redact: (text) => deps.settings().secrets.redact(text),
    autonomyChanged(grant) {
      const item = autonomyItemOf(grant);
      if (grant.endedAt === null) monitor.hub.publish("autonomy", [item]);
      else monitor.hub.publish("autonomy", [], [item]);
    },
    changed: (decision) =>
      monitor.hub.publish("decisions", [decisionItemOf(decision, store, monitor.nodes.nameOf)]),
  });
  let transport: TransportFacts = { tls: null, insecure: false };
  const enrol = createEnrol({
    clock,
    log: log.child({ part: "enrol" }),
    store,
    monitor,
    audit: access.audit,
    newId: deps.newId,
    key,
    localNode: deps.localNode,
    limits: () => {
      const { max_pending: maxPending, pending: pendingMs } = deps.settings().config.enrol;
      return { maxPending, pendingMs };
    },
    // One from an authority is checked by its name; one made here, by its key, which renewals keep.
    serverFingerprint: () =>
      transport.tls?.selfSigned ? transport.tls.publicKeyFingerprint.replaceAll(":", "").toLowerCase() : null,
    decidingKey: deps.decidingKey,
  });
  let ready = false;
  const startedAt = now();
  const api = createApi({
    clock,
    log: log.child({ part: "http" }),
    newId: deps.newId,
    version: VERSION,
    monitor,
    access,
    vault: deps.vault,
    sealedBeside: deps.sealedBeside,
    backups: deps.backups,
    redact: (text) => deps.settings().secrets.redact(text),
    transport: () => transport,
    decide,
    enrol,
    hostName: ports.facts.hostname,
    tls: () => transport.tls !== null,
    server: () => deps.settings().config.server,
    autonomy: () => deps.settings().config.policy.autonomy,
    configFile: () => absolute(deps.settings().path),
    configPlace: () => deps.settings().configPlace,
    pluginsDir: () => resolve(deps.settings().pluginsDir),
    process: () => ({ ...usage(), startedAt, openFiles: openFiles() }),
    ready: () => ready,
    // Loaded when first asked for: the generator is only needed there.
    document: async () => (await import("../core/http/openapi.ts")).openapiDocument(VERSION),
    assets: await loadAssets(),
  });
  await host.apply(deps.settings().instances);
  let cancelBudget = () => {};
  const keepBudget = () => {
    metrics.enforceBudget();
    access.tidy();
    enrol.tidy();
    store.ledger.checkpoint();
    cancelBudget = clock.after(BUDGET_MS, keepBudget);
  };

  return {
    api,
    monitor,
    uplink: monitor.connect(deps.localNode),
    audit: access.audit,
    announce: (facts) => void (transport = facts),
    setupToken: () => access.setup.createToken(),
    async start() {
      await host.start();
      monitor.start();
      decide.start();
      cancelBudget = clock.after(BUDGET_MS, keepBudget);
    },
    markReady() {
      ready = true;
    },
    apply: (instances) => host.apply(instances),
    async stop() {
      ready = false;
      cancelBudget();
      enrol.stop();
      await host.stop();
      await decide.stop();
      monitor.stop();
      store.ledger.checkpoint();
      store.close();
      metrics.close();
    },
  };
}

/** Plugins beside the Monitor keep nothing of their own. */
const noValues: PluginValues = { get: () => null, set: () => {}, delete: () => {}, keys: () => [] };
const noStore: PluginStore = { ...noValues, sealed: noValues };

/** What this machine is called, by its owner and by those who visit it. */
const namesOf = ({ node, server }: Config): string[] => [
  ...(node.name === undefined ? [] : [node.name]),
  ...server.allowed_hosts,
];

function usage(): { rssBytes: number; cpuSeconds: number } {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
}

function openFiles(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}
