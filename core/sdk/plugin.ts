/** The plugin contract. A plugin is a folder you can delete: `index.ts` default-exports `definePlugin({...})`. */
import type * as z from "zod";
import type { HostActs, HostVerb } from "./acts.ts";
import type { AuthProvider } from "./auth.ts";
import type { Check } from "./check.ts";
import type { Decider } from "./decider.ts";
import type { Cleaner, HostFs } from "./files.ts";
import type {
  Clock,
  Daemons,
  Exec,
  Fetch,
  Log,
  Net,
  NodeFacts,
  Passwords,
  PluginPaths,
  PluginStore,
  TokenKeys,
} from "./ports.ts";
import type { Privileges, PrivilegeWishes } from "./privileges.ts";
import type { Repair } from "./repair.ts";

/** What a plugin must declare to get the port of that name; an undeclared port throws `host.capability`. */
export type Capability =
  /** A user's plugin reads with it what every user of the host may read. */
  | "fs-read"
  /** For users' plugins: what lies below this absolute path, as far as Cortex may read it. */
  | `fs-read:/${string}`
  | "fs-clean"
  /** Requests to what the operator's file names, also in the own network. */
  | "fetch"
  /** Requests to what people enter on a screen: the Internet, and what `egress.allow` names. */
  | "fetch-outside"
  | "net"
  | "daemon"
  | "passwords"
  | "token-keys"
  /** Typed changes at host level, each by its verb. */
  | `act:${HostVerb}`
  | `exec:${string}`
  /** Programs named in the operator's own config (declared services, config tests). */
  | "exec-configured";

/** Counters of Cortex itself, for the plugin that watches it. */
export interface SelfStats {
  rssBytes: number;
  cpuSeconds: number;
  /** One per plugin instance that the host runs. */
  plugins: {
    name: string;
    instance: string;
    state: string;
    consecutiveFailures: number;
    reason: string | null;
  }[];
  /** Times are epoch ms. null where none are made: switched off, or no daemon. */
  backups: {
    everyMs: number;
    startedAt: number;
    /** Of the newest good one; null when there is none. */
    lastGoodAt: number | null;
    failure: { at: number; reason: string } | null;
  } | null;
}

export interface PluginContext {
  plugin: string;
  /** Instance id from the config, or "default". */
  instance: string;
  node: NodeFacts;
  clock: Clock;
  fs: HostFs;
  exec: Exec;
  daemons: Daemons;
  cleaner: Cleaner;
  acts: HostActs;
  fetch: Fetch;
  net: Net;
  passwords: Passwords;
  tokenKeys: TokenKeys;
  log: Log;
  store: PluginStore;
  paths: PluginPaths;
  /** What it may do as root, or by the rights that were granted instead. */
  privileges: Privileges;
  /** Aborted when the instance stops. */
  signal: AbortSignal;
  self(): SelfStats;
  /** Ask the engine to run one of this instance's checks now; for events (child exit, bus signal). */
  wake(check: string): void;
  /** Write a note into the ledger: supervision acts that are neither problem nor intent. */
  note(summary: string, data?: Record<string, unknown>): void;
  /**
   * True while an intent for this owner is executing or unknown, waits for a decision or was refused one, so that
   * supervision keeps its hands off.
   */
  hasIntentInFlight(owner: string): boolean;
}

/** What one instance of a plugin gives to the program. Every hook is optional. */
export interface PluginHooks {
  checks?: Check[];
  repairs?: Repair[];
  authProviders?: AuthProvider[];
  /** Judges of proposed repairs; run beside a Monitor. */
  deciders?: Decider[];
  /** May connect, may be retried by the host with back-off. */
  start?(): Promise<void> | void;
  /** Always called, in reverse order, also after a failed start. */
  stop?(): Promise<void> | void;
}

export interface PluginDefinition<C = unknown> {
  /** kebab-case, equal to the folder's name. */
  name: string;
  version: string;
  /** Version of this contract that the plugin was written for. */
  sdk: 1;
  summary: string;
  /** Every field with `.describe()` and a default (an empty config must be valid unless `needsConfig`). */
  config: z.ZodType<C>;
  /** Runs only where the config has at least one entry for it (declared services, probes). */
  needsConfig?: boolean;
  modes: ("agent" | "monitor")[];
  capabilities: Capability[];
  /** Root work that an instance's repairs need where Cortex runs as a user of its own. Pure. */
  privileges?(config: C): PrivilegeWishes;
  /** Fast, no network. Called once per instance. */
  setup(ctx: PluginContext, config: C): PluginHooks;
}

/** Declare a plugin: checks the config's type against `setup`, then forgets it so that plugins fit in one registry. */
export function definePlugin<C>(plugin: PluginDefinition<C>): PluginDefinition {
  return plugin as unknown as PluginDefinition;
}
