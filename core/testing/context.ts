/** A plugin's context made of fakes, and the way to run one check in it. */
import { CortexError } from "cortex";
import type {
  Check,
  Cleaner,
  Clock,
  Daemons,
  Exec,
  Fetch,
  HostActs,
  HostFs,
  Net,
  NodeFacts,
  Passwords,
  TokenKeys,
  PluginContext,
  PluginDefinition,
  PluginPaths,
  PluginStore,
  Privileges,
  Result,
  SelfStats,
  Skipped,
  Status,
} from "cortex";
import { guardPorts } from "../ports/user-plugins/capability.ts";
import { createFakeExec } from "./fake-exec.ts";
import type { FakeCommands } from "./fake-exec.ts";
import {
  createFakeActs,
  createFakeDaemons,
  createFakeFetch,
  createFakeNet,
  createFakeStore,
} from "./fake-ports.ts";
import { createRootFs } from "./root-fs.ts";
import { createTestClock } from "./test-clock.ts";
import { createTestTokenKeys } from "./token-keys.ts";

export interface TestContextOptions {
  /** A definition's capabilities are enforced as the host does; a bare name gets every port. */
  plugin: PluginDefinition | string;
  instance?: string;
  /** Folder used as the host's root; default an empty host. */
  root?: string;
  /** Instead of `root`. */
  fs?: HostFs;
  exec?: Exec | FakeCommands;
  clock?: Clock;
  node?: Partial<NodeFacts>;
  fetch?: Fetch;
  net?: Net;
  daemons?: Daemons;
  cleaner?: Cleaner;
  /** Default those of root, which do nothing; see `createFakeActs`. */
  acts?: HostActs;
  passwords?: Passwords;
  tokenKeys?: TokenKeys;
  store?: PluginStore;
  paths?: PluginPaths;
  /** Default those of root. */
  privileges?: Privileges;
  self?: SelfStats;
  /** Owners that have an intent in flight. */
  inFlight?: string[];
}

export interface TestContext extends PluginContext {
  /** Checks asked for by `wake`. */
  wakes: string[];
  notes: { summary: string; data?: Record<string, unknown> }[];
  logs: { level: string; message: string; fields?: Record<string, unknown> }[];
  /** Commands run so far, when `exec` is a fake. */
  calls: string[][];
  /** Aborts `signal`, as the host does when the instance stops. */
  abort(): void;
}

/** Results of plugins that don't clean must not depend on a cleaner. */
const noCleaner: Cleaner = {
  scan: () => Promise.reject(new Error("this test has no cleaner: pass one to createTestContext")),
  remove: () => Promise.reject(new Error("this test has no cleaner: pass one to createTestContext")),
};

const AS_ROOT: Privileges = {
  unit: () => null,
  helper: () => null,
  missing: () => [],
  chore: () => ({ by: "self" }),
};

/** Hashes that cost nothing and can be read. */
const fakePasswords: Passwords = {
  hash: async (password) => `fake:${password}`,
  verify: async (password, hash) => hash === `fake:${password}`,
};

/** Exec fakes whose unlisted commands must fail the test even when the plugin swallows the error. */
const unexpectedOf = new WeakMap<object, string[]>();

function assertListed(ctx: PluginContext | undefined): void {
  const unexpected = ctx ? unexpectedOf.get(ctx) : undefined;
  if (unexpected?.length) throw new Error(`unlisted command: ${unexpected.join("; ")}`);
}

export function createTestContext(options: TestContextOptions): TestContext {
  const { plugin } = options;
  const name = typeof plugin === "string" ? plugin : plugin.name;
  const clock = options.clock ?? createTestClock();
  const given = options.exec ?? {};
  const exec =
    typeof (given as Exec).run === "function" ? (given as Exec) : createFakeExec(given as FakeCommands);
  const ports = {
    fs: options.fs ?? createRootFs(options.root, clock),
    exec,
    daemons: options.daemons ?? createFakeDaemons(),
    cleaner: options.cleaner ?? noCleaner,
    acts: options.acts ?? createFakeActs(),
    fetch: options.fetch ?? createFakeFetch(),
    net: options.net ?? createFakeNet(),
    passwords: options.passwords ?? fakePasswords,
    tokenKeys: options.tokenKeys ?? createTestTokenKeys(),
  };
  const stopping = new AbortController();
  const wakes: string[] = [];
  const notes: TestContext["notes"] = [];
  const logs: TestContext["logs"] = [];
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void logs.push({ level, message, fields });
  const ctx: TestContext = {
    plugin: name,
    instance: options.instance ?? "default",
    node: createTestNode(clock, options.node),
    clock,
    ...(typeof plugin === "string" ? ports : guardPorts(ports, name, plugin.capabilities)),
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    store: options.store ?? createFakeStore(),
    paths: options.paths ?? { services: null },
    privileges: options.privileges ?? AS_ROOT,
    signal: stopping.signal,
    self: () => options.self ?? { rssBytes: 60 * 2 ** 20, cpuSeconds: 1, plugins: [], backups: null },
    wake: (check) => void wakes.push(check),
    note: (summary, data) => void notes.push({ summary, data }),
    hasIntentInFlight: (owner) => options.inFlight?.includes(owner) ?? false,
    wakes,
    notes,
    logs,
    calls: (exec as { calls?: string[][] }).calls ?? [],
    abort: () => stopping.abort(new CortexError("host.stopped", "unavailable", "the instance stops")),
  };
  const unexpected = (exec as { unexpected?: string[] }).unexpected;
  if (unexpected) unexpectedOf.set(ctx, unexpected);
  return ctx;
}

/** Facts of a node called `test-node`: four processors, root, up as long as its clock says. */
function createTestNode(clock: Clock, facts: Partial<NodeFacts> = {}): NodeFacts {
  return {
    id: "n_test",
    name: "test-node",
    labels: {},
    group: null,
    tags: [],
    bootId: "boot-test",
    uptimeMs: () => clock.monotonic(),
    cpuCount: 4,
    isRoot: true,
    tickMs: 10,
    ...facts,
  };
}

export interface RunCheckOptions {
  /** What the check said last time, by target or by `check:target`. */
  previous?: Record<string, Status>;
  oneShot?: boolean;
  signal?: AbortSignal;
}

/** Run a check once. An exec fake's unlisted command fails here, whatever the check made of it. */
export async function runCheck(
  check: Check,
  ctx?: PluginContext,
  options: RunCheckOptions = {},
): Promise<(Result | Skipped)[]> {
  const results = await check.run({
    signal: options.signal ?? ctx?.signal ?? new AbortController().signal,
    log: ctx?.log ?? createTestContext({ plugin: "test" }).log,
    previous: (target) => options.previous?.[`${check.name}:${target}`] ?? options.previous?.[target] ?? null,
    oneShot: options.oneShot ?? false,
  });
  assertListed(ctx);
  return results;
}

export const isSkipped = (entry: Result | Skipped): entry is Skipped => "skipped" in entry;
