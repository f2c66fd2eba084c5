/** Network, processes and store that answer from data. */
import { CortexError } from "cortex";
import type {
  ApplyOutcome,
  DaemonExit,
  Daemons,
  DaemonSpec,
  Fetch,
  FetchOptions,
  FetchResult,
  HostAct,
  HostActs,
  Net,
  PluginStore,
  PluginValues,
  ProcessIdentity,
  ServedCertificate,
} from "cortex";

export type FakeResponse = Partial<FetchResult> | CortexError;

/** Answers by URL, optionally with the method before it: `"POST https://…"`. */
export function createFakeFetch(
  answers: Record<string, FakeResponse> = {},
): Fetch & { requests: { url: string; options: FetchOptions }[] } {
  const requests: { url: string; options: FetchOptions }[] = [];
  const fetch: Fetch = async (url, options = {}) => {
    requests.push({ url, options });
    const answer = answers[`${options.method ?? "GET"} ${url}`] ?? answers[url];
    if (answer === undefined) throw new Error(`unlisted request: ${options.method ?? "GET"} ${url}`);
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: "", durationMs: 5, ...answer };
  };
  return Object.assign(fetch, { requests });
}

export interface FakeNetwork {
  /** "host:port" → milliseconds of the handshake, or the error. */
  connect?: Record<string, number | CortexError>;
  /** name → addresses, or the error. */
  resolve?: Record<string, string[] | CortexError>;
  /** "host:port" → certificate, or the error. */
  certificate?: Record<string, ServedCertificate | CortexError>;
}

export function createFakeNet(network: FakeNetwork = {}): Net {
  const answer = <T>(table: Record<string, T | CortexError> | undefined, key: string): T => {
    const found = table?.[key];
    if (found === undefined) throw new CortexError("net.refused", "unavailable", `${key} refused`);
    if (found instanceof Error) throw found;
    return found;
  };
  return {
    connect: async (host, port) => answer(network.connect, `${host}:${port}`),
    resolve: async (name) => answer(network.resolve, name),
    certificate: async (host, port) => answer(network.certificate, `${host}:${port}`),
  };
}

export interface FakeDaemons extends Daemons {
  started: { spec: DaemonSpec; identity: ProcessIdentity }[];
  signals: { pid: number; signal: string }[];
  /** Let a process end; its watchers hear of it. */
  exit(pid: number, exitCode: number | null, signal?: string): void;
  /** A process that an earlier run left behind. */
  adopt(identity: ProcessIdentity, env?: Record<string, string>): void;
}

export function createFakeDaemons(
  options: { diesOn?: string[]; failStart?: () => boolean } = {},
): FakeDaemons {
  const alive = new Map<number, { identity: ProcessIdentity; env: Record<string, string> }>();
  const watchers = new Map<number, Set<(exit: DaemonExit) => void>>();
  const started: FakeDaemons["started"] = [];
  const signals: FakeDaemons["signals"] = [];
  const diesOn = options.diesOn ?? ["SIGTERM", "SIGKILL"];
  let nextPid = 1000;
  const isAlive = (identity: ProcessIdentity) => {
    const known = alive.get(identity.pid)?.identity;
    return known?.startTicks === identity.startTicks && known.bootId === identity.bootId;
  };
  const exit: FakeDaemons["exit"] = (pid, exitCode, signal) => {
    const process = alive.get(pid);
    if (!process) return;
    alive.delete(pid);
    const callbacks = [...(watchers.get(pid) ?? [])];
    watchers.delete(pid);
    for (const onExit of callbacks) onExit({ identity: process.identity, exitCode, signal: signal ?? null });
  };
  return {
    started,
    signals,
    exit,
    adopt: (identity, env = {}) => void alive.set(identity.pid, { identity, env }),
    async start(spec) {
      if (options.failStart?.())
        throw new CortexError("daemon.spawn_failed", "unavailable", `${spec.argv[0]} can't be started`);
      nextPid += 1;
      const identity = { pid: nextPid, startTicks: nextPid * 10, bootId: "boot-test", exe: spec.argv[0]! };
      alive.set(identity.pid, { identity, env: spec.env ?? {} });
      started.push({ spec, identity });
      return identity;
    },
    alive: isAlive,
    watch(identity, onExit) {
      if (!isAlive(identity)) {
        queueMicrotask(() => onExit({ identity, exitCode: null, signal: null }));
        return () => undefined;
      }
      const set = watchers.get(identity.pid) ?? new Set();
      watchers.set(identity.pid, set.add(onExit));
      return () => void set.delete(onExit);
    },
    signal(identity, signal) {
      if (!isAlive(identity)) return false;
      signals.push({ pid: identity.pid, signal });
      if (diesOn.includes(signal)) exit(identity.pid, null, signal);
      return true;
    },
    findByEnv: (name, value) =>
      [...alive.values()].filter(({ env }) => env[name] === value).map(({ identity }) => identity),
  };
}

/** Acts of root that are only written down; `answer` says what comes of one. */
export function createFakeActs(
  answer: (act: HostAct) => ApplyOutcome = ({ verb }) => ({ ok: true, summary: `${verb} done` }),
): HostActs & { acts: HostAct[] } {
  const acts: HostAct[] = [];
  return {
    acts,
    missing: () => null,
    async run(act) {
      acts.push(act);
      return answer(act);
    },
  };
}

/** Values survive as JSON, as they do on disk; nothing is encrypted. */
export const createFakeStore = (values: Record<string, unknown> = {}): PluginStore => ({
  ...fakeValues(values),
  sealed: fakeValues({}),
});

function fakeValues(values: Record<string, unknown>): PluginValues {
  const stored = new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
  return {
    get: <T>(key: string) => (stored.has(key) ? (JSON.parse(stored.get(key)!) as T) : null),
    set: (key, value) => void stored.set(key, JSON.stringify(value)),
    delete: (key) => void stored.delete(key),
    keys: () => [...stored.keys()],
  };
}
