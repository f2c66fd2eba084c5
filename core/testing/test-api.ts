/** A whole API in the process, for tests: test clock, store in memory, login methods that hash nothing. */
import type { AuthProvider, Grant } from "cortex";
import { createAccess } from "../access/access.ts";
import type { SealedStore } from "../access/sealed.ts";
import { createDecide } from "../decide/create-decide.ts";
import { createEnrol, type EnrolDeps } from "../enrol/enrol.ts";
import type { EnrolmentLimits } from "../enrol/enrolment.ts";
import { createApi } from "../http/app.ts";
import { openapiDocument } from "../http/openapi.ts";
import type { Asset, ServerSettings } from "../http/services.ts";
import { createMonitor } from "../monitor/monitor.ts";
import { ephemeralVault } from "../ports/secrets/vault.ts";
import { ephemeralKeyPair } from "../store/key-file.ts";
import { createMetricsStore } from "../store/metrics/create-metrics-store.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import { DECIDE_CONFIG } from "./decide-config.ts";
import { fakeBackups } from "./fake-backups.ts";
import { cookieOf, createCaller } from "./test-call.ts";
import { createTestClock } from "./test-clock.ts";
import { createTestDecidingKey } from "./test-deciding-key.ts";
import { createTestMonitorStore } from "./test-monitor-store.ts";
import { testProviders } from "./test-providers.ts";

export const NODE_A = `n_${"a".repeat(26)}`;
export const NODE_B = `n_${"b".repeat(26)}`;
/** The node inside the Monitor's own process. */
export const NODE_LOCAL = `n_${"l".repeat(26)}`;
export const ADMIN_PASSWORD = "a good long pass phrase";

export interface TestApiOptions {
  requireSecondFactor?: () => "none" | "admins" | "all";
  bindToBrowser?: boolean;
  slowGuesses?: boolean;
  server?: Partial<ServerSettings>;
  assets?: Map<string, Asset>;
  providers?: AuthProvider[];
  limits?: Partial<EnrolmentLimits>;
  unguarded?: EnrolDeps["unguarded"];
  sealedBeside?: readonly SealedStore[];
}

export type TestApi = ReturnType<typeof createTestApi>;

export function createTestApi(options: TestApiOptions = {}) {
  const clock = createTestClock();
  const store = createTestMonitorStore(clock.now);
  const metrics = createMetricsStore(":memory:", {
    now: clock.now,
    rawMs: 86_400_000,
    rollupMs: 86_400_000,
    budgetBytes: 2 ** 30,
  });
  const logs: { level: string; message: string; fields?: Record<string, unknown> }[] = [];
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void logs.push({ level, message, fields });
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const monitor = createMonitor({
    clock,
    log,
    store,
    metrics,
    version: "1.2.3",
    intents: {
      noticed: (node, intent) => decide.intents.noticed(node, intent),
      settle: () => decide.intents.settle(),
    },
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 86_400_000 },
  });
  const newId = () => crypto.randomUUID();
  const vault = ephemeralVault();
  const access = createAccess({
    clock,
    store,
    newId,
    vault,
    requireSecondFactor: options.requireSecondFactor ?? (() => "none"),
    bindToBrowser: options.bindToBrowser,
    slowGuesses: options.slowGuesses,
    providers: () => options.providers ?? testProviders,
    sessionLimits: () => ({ idleMs: 1_800_000, maxMs: 43_200_000, recentMs: 300_000 }),
    hostNames: () => ["web-berlin-01"],
  });
  const decidingKey = createTestDecidingKey();
  const decide = createDecide({
    clock,
    log,
    store,
    newId,
    nodes: monitor.nodes,
    downlink: monitor.downlink,
    signer: decidingKey,
    judges: () => [],
    isProven: () => true,
    config: () => DECIDE_CONFIG,
    newNonce: () => newId().replaceAll("-", "").slice(0, 22),
    changed: () => {},
  });
  const monitorKey = ephemeralKeyPair();
  const enrol = createEnrol({
    clock,
    log,
    store,
    monitor,
    audit: access.audit,
    newId,
    key: monitorKey,
    localNode: NODE_LOCAL,
    limits: () => ({ maxPending: 500, pendingMs: 7 * 86_400_000, ...options.limits }),
    serverFingerprint: () => null,
    decidingKey,
    unguarded: options.unguarded,
  });
  const api = createApi({
    decide,
    clock,
    log,
    newId,
    version: "1.2.3",
    monitor,
    access,
    vault,
    sealedBeside: () => options.sealedBeside ?? [],
    backups: fakeBackups(),
    enrol,
    hostName: "monitor",
    tls: () => false,
    server: () => ({
      listen: "127.0.0.1:7600",
      allowed_hosts: ["cortex.example"],
      trusted_proxies: [],
      metrics_on_loopback: false,
      max_body: 65_536,
      request_rate: 1000,
      ingest_rate: 1000,
      ...options.server,
    }),
    transport: () => ({ tls: null, insecure: false }),
    autonomy: () => "act",
    configFile: () => "/etc/cortex/cortex.yaml",
    configPlace: () => "/etc/cortex/cortex.yaml",
    pluginsDir: () => "/etc/cortex/plugins",
    process: () => ({ rssBytes: 1e6, cpuSeconds: 1.5, startedAt: clock.now(), openFiles: 12 }),
    ready: () => true,
    document: () => openapiDocument("1.2.3"),
    assets: options.assets ?? new Map(),
  });

  const { send, live } = createCaller(api);

  const setUp = async () => {
    const token = access.setup.createToken()!;
    const body = { token, name: "anna", password: ADMIN_PASSWORD };
    return cookieOf(await send("POST", "/api/v1/auth/setup", { body }));
  };

  return {
    decidingKey,
    monitorKey,
    clock,
    store,
    metrics,
    monitor,
    access,
    vault,
    enrol,
    api,
    logs,
    send,
    live,
    setUp,
    /** A key made by the local administrator. */
    async createKey(
      role: string,
      node?: string,
      grants: Grant[] = [{ role: role as "viewer", scope: "*" }],
    ): Promise<string> {
      const { id, secret, secretHash } = await testProviders[1]!.createKey!();
      store.access.keys.add({
        id,
        name: `${role}-key`,
        role: role as "viewer",
        secretHash,
        nodeId: node ?? null,
        createdBy: "local",
        createdAt: clock.now(),
        expiresAt: null,
        lastUsedAt: null,
        grants: role === "node" ? [] : grants,
        permissions: null,
        addresses: null,
        formerHash: null,
        formerUntil: null,
        rotatedAt: null,
        version: 1,
        lastAddress: null,
        knownAddresses: [],
      });
      return secret;
    },
    /** A connected node that answers commands with `answer`. */
    connect(node: string, answer: (command: Command) => CommandResult = () => ({ ok: true })) {
      const commands: Command[] = [];
      const uplink = monitor.connect(node);
      uplink.onCommand(async (command) => {
        commands.push(command);
        return answer(command);
      });
      let seq = 0;
      return {
        commands,
        uplink,
        /** Deliver bodies as envelopes with the next numbers. */
        tell: (...messages: { type: string; body: unknown }[]) =>
          uplink.deliver(
            messages.map(({ type, body }) => ({
              v: 1 as const,
              type: type as "report",
              id: crypto.randomUUID(),
              node,
              epoch: 1,
              seq: (seq += 1),
              at: new Date(clock.now()).toISOString(),
              body,
            })),
          ),
      };
    },
  };
}
