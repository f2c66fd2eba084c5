/** A whole API in the process, for tests: test clock, store in memory, login methods that hash nothing. */
import { type AuthProvider, type Grant, type Principal, principalOfKey } from "cortex";
import { createAccess } from "../access/access.ts";
import { createMonitor } from "../monitor/monitor.ts";
import type { ServerSocket, SocketHandler } from "../ports/http-server.ts";
import type { SealedStore } from "../access/sealed.ts";
import { ephemeralVault } from "../ports/vault.ts";
import { createDecide } from "../decide/create-decide.ts";
import { createTestDecidingKey } from "./test-deciding-key.ts";
import { createEnrol, type EnrolDeps } from "../enrol/enrol.ts";
import type { EnrolmentLimits } from "../enrol/enrolment.ts";
import { ephemeralKeyPair } from "../store/key-file.ts";
import { createMetricsStore } from "../store/metrics/create-metrics-store.ts";
import { DECIDE_CONFIG } from "./decide-config.ts";
import { fakeBackups } from "./fake-backups.ts";
import { createTestMonitorStore } from "./test-monitor-store.ts";
import { createTestClock } from "./test-clock.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import { createApi } from "../http/app.ts";
import type { Asset, ServerSettings } from "../http/services.ts";

export const NODE_A = `n_${"a".repeat(26)}`;
export const NODE_B = `n_${"b".repeat(26)}`;
/** The node inside the Monitor's own process. */
export const NODE_LOCAL = `n_${"l".repeat(26)}`;
export const ADMIN_PASSWORD = "a good long pass phrase";

let made = 0;
/** Stand-ins with the shape of the real methods: a secret is the key's id and `:secret`. */
export const testProviders: AuthProvider[] = [
  {
    method: "password",
    login: async ({ name, password }, directory) => {
      const user = directory.userByName(String(name));
      return user !== null && user.passwordHash === `hash:${String(password)}` ? user : null;
    },
    createPasswordHash: async (password) => `hash:${password}`,
  },
  {
    method: "key",
    bearer: async (token, directory) => {
      const key = directory.keyById(token.split(":")[0]!);
      if (key?.secretHash === token) return principalOfKey(key);
      return key?.former?.secretHash === token ? principalOfKey(key, key.former.until) : null;
    },
    createKey: async (id = crypto.randomUUID().slice(0, 8)) => {
      const secret = `${id}:secret${(made += 1) === 1 ? "" : made}`;
      return { id, secret, secretHash: secret };
    },
  },
];

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
    process: () => ({ rssBytes: 1e6, cpuSeconds: 1.5, startedAt: clock.now(), openFiles: 12 }),
    ready: () => true,
    assets: options.assets ?? new Map(),
  });

  async function send(method: string, path: string, call: TestCall = {}): Promise<Answer> {
    const headers = new Headers(call.headers);
    if (call.cookie) {
      headers.set("cookie", `__Host-cortex=${call.cookie}`);
      if (method !== "GET" && !headers.has("origin")) headers.set("origin", "http://localhost");
    }
    if (call.key) headers.set("authorization", `Bearer ${call.key}`);
    let body: string | undefined;
    if (call.body !== undefined) {
      body = typeof call.body === "string" ? call.body : JSON.stringify(call.body);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
    }
    const request = new Request(`http://localhost${path}`, { method, headers, body });
    const response = await api.handle(request, { ip: call.ip ?? "10.0.0.9", principal: call.principal });
    return answerOf(response!);
  }

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
    /** Open a live socket; null with the refusal when it was not accepted. */
    async live(call: TestCall = {}) {
      const headers = new Headers({ upgrade: "websocket", connection: "upgrade", ...call.headers });
      if (call.cookie) headers.set("cookie", `__Host-cortex=${call.cookie}`);
      if (call.key) headers.set("authorization", `Bearer ${call.key}`);
      const got: { topic: string; type: string; seq: number; items: { id: string }[] }[] = [];
      const state = { closed: null as { code: number; reason: string } | null, pings: 0 };
      let handler: SocketHandler | null = null;
      const socket: ServerSocket = {
        send: (text) => got.push(JSON.parse(text)) > 0,
        ping: () => void (state.pings += 1),
        close(code, reason) {
          state.closed = { code, reason };
          handler?.closed();
        },
      };
      const request = new Request("http://localhost/api/v1/live", { headers });
      const response = await api.handle(request, {
        ip: "10.0.0.9",
        upgrade(accepted) {
          handler = accepted;
          return true;
        },
      });
      (handler as SocketHandler | null)?.open(socket);
      const say = (message: unknown) =>
        handler?.message(typeof message === "string" ? message : JSON.stringify(message));
      return { response, got, state, say };
    },
  };
}

export interface TestCall {
  cookie?: string;
  key?: string;
  principal?: Principal;
  ip?: string;
  headers?: Record<string, string>;
  /** A string is sent as it is. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; null when it is not JSON. */
  json: Json;
}

/** The parts of answers that tests look at. */
export interface Json {
  error: { code: string; message: string; id: string };
  items: Json[];
  next: string | null;
  id: string;
  node: string;
  name: string;
  kind: string;
  actor: string;
  state: string;
  secret: string;
  summary: string;
  outcome: string;
  [field: string]: unknown;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, headers: response.headers, text, json: json as Json };
}

export const cookieOf = (answer: Answer): string =>
  /__Host-cortex=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
