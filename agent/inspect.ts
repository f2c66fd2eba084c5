/** One inspection of this host, without network, data folder or daemon; it leaves nothing behind. */
import type { Log, PluginDefinition, PluginStore, PluginValues } from "cortex";
import type { Config, PluginInstance } from "../core/config/schema.ts";
import { createPluginHost } from "../core/host/plugin-host.ts";
import { createRegistry, type RegisteredCheck } from "../core/host/registry.ts";
import { type ReportedResult, reportedResult } from "../core/pipeline/report/reported-result.ts";
import { type Inspection, inspect } from "../core/pipeline/watch/inspect.ts";
import { nodeFacts, type SystemPorts } from "./ports.ts";

/** Rates need two readings this far apart. */
const PAUSE_MS = 200;
/** The whole answer takes at most 1.5 s: a check gets what is left of it. */
const CHECK_TIMEOUT_MS = 1000;

export interface InspectionAnswer {
  node: string;
  results: ReportedResult[];
  skipped: { check: string; target: string | null; reason: string }[];
  durationMs: number;
}

export async function inspectOnce(deps: {
  config: Config;
  instances: readonly PluginInstance[];
  definitions: readonly PluginDefinition[];
  ports: SystemPorts;
  log: Log;
}): Promise<InspectionAnswer> {
  const { ports } = deps;
  const began = ports.clock.monotonic();
  const registry = createRegistry();
  const host = createPluginHost({
    definitions: deps.definitions,
    mode: "agent",
    registry,
    ports: {
      ...ports,
      node: nodeFacts(deps.config, ports.facts, "n_inspect"),
      log: () => deps.log,
      store: memoryStore,
      paths: { services: null },
    },
    events: {
      wake: () => {},
      note: () => {},
      hasIntentInFlight: () => false,
      self: () => ({
        rssBytes: process.memoryUsage.rss(),
        cpuSeconds: process.cpuUsage().user / 1e6,
        plugins: [],
        backups: null,
      }),
      changed: () => {},
    },
  });
  // Setup only: `start` may connect, adopt or start things, and an inspection changes nothing.
  await host.apply(deps.instances);
  const checks = registry.checks();
  const look = (registered: RegisteredCheck) =>
    inspect(registered, {
      clock: ports.clock,
      log: deps.log,
      timeoutMs: CHECK_TIMEOUT_MS,
      previous: () => null,
      oneShot: true,
    }).then((inspection) => ({ registered, inspection }));

  ports.fs.beginTick();
  const twice = checks.filter((one) => one.check.needsTwoReadings);
  const once = checks.filter((one) => !one.check.needsTwoReadings).map(look);
  await Promise.all(twice.map(look));
  await ports.clock.sleep(PAUSE_MS);
  ports.fs.beginTick();
  const all = await Promise.all([...once, ...twice.map(look)]);
  await host.stop();
  return {
    node: deps.config.node.name ?? ports.facts.hostname,
    ...answer(all),
    durationMs: Math.round(ports.clock.monotonic() - began),
  };
}

function answer(
  all: { registered: RegisteredCheck; inspection: Inspection }[],
): Pick<InspectionAnswer, "results" | "skipped"> {
  const results: InspectionAnswer["results"] = [];
  const skipped: InspectionAnswer["skipped"] = [];
  for (const { registered, inspection } of all) {
    const { name } = registered.check;
    if (inspection.error !== null)
      results.push(
        reportedResult(name, registered.instance, {
          target: registered.instance === "default" ? "host" : registered.instance,
          status: "unknown",
          summary: `no answer: ${inspection.error}`,
        }),
      );
    for (const result of inspection.results) results.push(reportedResult(name, registered.instance, result));
    for (const one of inspection.skipped) skipped.push({ check: name, ...one });
  }
  return { results, skipped };
}

/** 0 ok, 1 warning, 2 critical, 3 unknown only; what is merely observed does not count. */
export function exitCodeOf(results: InspectionAnswer["results"]): 0 | 1 | 2 | 3 {
  const statuses = new Set(results.filter((result) => !result.observe).map((result) => result.status));
  if (statuses.has("critical")) return 2;
  if (statuses.has("warning")) return 1;
  return statuses.has("unknown") ? 3 : 0;
}

/** Values of plugins that end with the process. */
export const memoryStore = (): PluginStore => ({ ...memoryValues(), sealed: memoryValues() });

function memoryValues(): PluginValues {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => (values.get(key) as T | undefined) ?? null,
    set: (key, value) => void values.set(key, value),
    delete: (key) => void values.delete(key),
    keys: () => [...values.keys()],
  };
}
