/** Every check of the default configuration on this host, ready to be run in this process, without a daemon. */
import type { Log } from "cortex";
import { memoryStore } from "../../../agent/inspect.ts";
import { nodeFacts, createSystemPorts } from "../../../agent/ports.ts";
import { loadSettings } from "../../../agent/settings.ts";
import { createPluginHost } from "../../../core/host/plugin-host.ts";
import { createRegistry, type RegisteredCheck } from "../../../core/host/registry.ts";
import { type Inspection, inspect } from "../../../core/pipeline/watch/inspect.ts";
import { builtins } from "../../../plugins/index.gen.ts";

export interface HostChecks {
  checks: RegisteredCheck[];
  /** Those that wait for others, a name server that does not answer for example, and would make a thousand rounds an hour. */
  slow: ReadonlySet<RegisteredCheck>;
  /** Readings of /proc are shared until the next call. */
  beginTick(): void;
  look(check: RegisteredCheck): Promise<Inspection>;
  stop(): Promise<void>;
}

const SLOW_MS = 150;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function openChecks(): Promise<HostChecks> {
  const settings = loadSettings({ "plugins-dir": "/nonexistent" });
  const ports = createSystemPorts(settings.config);
  const registry = createRegistry();
  const values = memoryStore();
  const host = createPluginHost({
    definitions: builtins,
    mode: "agent",
    registry,
    ports: {
      ...ports,
      node: nodeFacts(settings.config, ports.facts, "n_bench"),
      log: () => quiet,
      store: () => values,
      paths: { services: null },
    },
    events: {
      wake() {},
      note() {},
      hasIntentInFlight: () => false,
      self: () => ({ rssBytes: process.memoryUsage.rss(), cpuSeconds: 0, plugins: [], backups: null }),
      changed() {},
    },
  });
  await host.apply(settings.instances);
  const slow = new Set<RegisteredCheck>();
  const deps = { clock: ports.clock, log: quiet, timeoutMs: 10_000, previous: () => null, oneShot: false };
  return {
    checks: registry.checks(),
    slow,
    beginTick: () => ports.fs.beginTick(),
    async look(check) {
      const inspection = await inspect(check, deps);
      if (inspection.durationMs > SLOW_MS) slow.add(check);
      return inspection;
    },
    stop: () => host.stop(),
  };
}
