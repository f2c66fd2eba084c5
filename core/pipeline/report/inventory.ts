/** What this node has: facts, checks, repairs, plugins, maintenance, as one message. */
import { type NodeFacts, oneLine } from "cortex";
import type { Config } from "../../config/schema.ts";
import { decideLevel, type EarnedAutonomy } from "../../domain/level.ts";
import type { PluginStatus } from "../../host/plugin-status.ts";
import type { RegisteredRepair, Registry } from "../../host/registry.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { toIso, toIsoOrNull } from "../../wire/envelope.ts";
import type { InventoryBody, WireCheck, WirePlugin, WireRepair } from "../../wire/inventory.ts";
import { readAutonomy } from "../propose/autonomy.ts";
import type { CheckHistory } from "../watch/runs.ts";

export interface HostFacts {
  os: string;
  kernel: string;
  arch: string;
  memoryBytes: number;
}

const MAX_WINDOWS = 500;

export interface InventoryDeps {
  node: NodeFacts;
  facts: HostFacts;
  version: string;
  config: () => Config;
  store: AgentStore;
  registry: Registry;
  plugins: () => PluginStatus[];
  history: (key: string) => CheckHistory;
  nextRunAt: (key: string) => number | null;
  /** What a repair has earned here. */
  earned: (repair: string) => EarnedAutonomy | null;
}

export function buildInventory(deps: InventoryDeps): InventoryBody {
  const { node, facts, store } = deps;
  return {
    name: node.name,
    labels: node.labels,
    group: node.group,
    tags: node.tags,
    os: facts.os,
    kernel: facts.kernel,
    arch: facts.arch,
    cpuCount: node.cpuCount,
    memoryBytes: facts.memoryBytes,
    version: deps.version,
    bootId: node.bootId,
    checks: wireChecks(deps),
    repairs: wireRepairs(deps),
    plugins: deps.plugins().map(wirePlugin),
    // One message holds so many: the oldest are history.
    maintenance: store.maintenance
      .all()
      .toSorted((a, b) => a.until - b.until)
      .slice(-MAX_WINDOWS)
      .map((window) => ({ ...window, from: toIso(window.from), until: toIso(window.until) })),
  };
}

function wireChecks(deps: InventoryDeps): WireCheck[] {
  const paused = new Map(deps.store.pausedChecks.all().map((one) => [`${one.check}\0${one.instance}`, one]));
  const states = new Map(deps.plugins().map((one) => [`${one.name}\0${one.instance}`, one]));
  return deps.registry.checks().map(({ key, check, plugin, instance, host }) => {
    const history = deps.history(key);
    const pause = paused.get(`${check.name}\0${instance}`);
    const broken = states.get(`${plugin}\0${instance}`)?.state === "broken";
    const schedule = host.schedule ?? (host.interval === undefined ? (check.schedule ?? null) : null);
    const state = pause ? "paused" : broken ? "broken" : history.status === "skipped" ? "skipped" : "active";
    const until = pause?.until == null ? "" : ` until ${toIso(pause.until)}`;
    return {
      id: key,
      name: check.name,
      instance,
      plugin,
      summary: check.summary,
      nature: check.nature,
      intervalSeconds: schedule === null ? (host.interval ?? check.intervalMs) / 1000 : null,
      schedule,
      confirmSeconds: (host.confirm ?? check.confirmMs) / 1000,
      state,
      reason: pause ? `paused by ${pause.actor}${until}` : history.reason,
      status: history.status === "skipped" ? null : history.status,
      lastRunAt: toIsoOrNull(history.lastRunAt),
      lastDurationSeconds: history.lastDurationMs === null ? null : history.lastDurationMs / 1000,
      nextRunAt: toIsoOrNull(deps.nextRunAt(key)),
      runs: history.runs,
      failures: history.failures,
    };
  });
}

function wireRepairs(deps: InventoryDeps): WireRepair[] {
  const byName = Map.groupBy(deps.registry.repairs(), ({ repair }) => repair.name);
  const done = new Map(deps.store.attempts.byRepair().map((one) => [one.repair, one]));
  return [...byName].map(([name, registered]) => {
    const { repair, plugin } = registered[0]!;
    const { attempts = 0, successes = 0, failures = 0, lastAt = null } = done.get(name) ?? {};
    return {
      id: name,
      version: repair.version,
      plugin,
      summary: repair.summary,
      class: repair.class,
      remedies: repair.remedies,
      undo: typeof repair.undo === "function",
      ...(repair.undo === "nothing" ? { takesNothing: true } : {}),
      mode: modeOf(deps, registered[0]!),
      attempts,
      successes,
      failures,
      lastAt: toIsoOrNull(lastAt),
      needs: needsOf(registered),
    };
  });
}

/** Of all instances that bring it, each line once. */
function needsOf(registered: readonly RegisteredRepair[]): string[] {
  const all = registered.flatMap(({ repair }) => repair.needs?.() ?? []);
  return [...new Set(all)].slice(0, 20).map((one) => oneLine(one, 500));
}

/** What policy says today for a target without tags; the level of an instance may be more careful. */
function modeOf(deps: InventoryDeps, { repair, origin, host }: RegisteredRepair): WireRepair["mode"] {
  const { policy } = deps.config();
  return decideLevel({
    repair: repair.name,
    class: repair.class,
    owner: null,
    tags: [...deps.node.tags, ...(host.tags ?? [])],
    general: policy.autonomy,
    autonomy: [readAutonomy(deps.store), host.autonomy],
    instanceLevel: host.level,
    rules: policy.rules,
    shadow: origin === "user",
    earned: policy.earned_autonomy ? deps.earned(repair.name) : null,
    isHarmless: true,
  }).mode;
}

function wirePlugin(status: PluginStatus): WirePlugin {
  const { consecutiveFailures: _, lastError, retryAt, ...rest } = status;
  const id = status.instance === "default" ? status.name : `${status.name}~${status.instance}`;
  // A stack trace as reason would make the whole inventory too long for the Monitor.
  const reason = status.reason === null ? null : oneLine(status.reason, 1000);
  return {
    id,
    ...rest,
    reason,
    lastError: lastError && { text: oneLine(lastError.text, 1000), at: toIso(lastError.at) },
    retryAt: toIsoOrNull(retryAt),
  };
}
