/** One folder of a user's plugin, as far as it got, and how that is shown. */
import type { UserPluginFolder } from "../../ports/user-plugins/plugin-folders.ts";
import type { PluginState, PluginStatus } from "../plugin-status.ts";
import type { InstanceFacts, Manifest } from "./protocol.ts";
import type { Session } from "./session.ts";

export interface Loaded {
  folder: UserPluginFolder;
  state: PluginState;
  /** What it is kept in; null until that is known. */
  cage: string | null;
  reason: string | null;
  manifest: Manifest | null;
  instances: Map<string, { facts: InstanceFacts; failures: number }>;
  /** Instances whose configuration it does not take, and why. */
  wrong: Map<string, string>;
  session: Session | null;
  restarts: number;
  startedAt: number;
  cancelRetry: () => void;
  /** When it is loaded again, epoch ms. */
  retryAt: number | null;
  /** What it was allowed; null: whatever it asks for. */
  granted: readonly string[] | null;
  lastError: PluginStatus["lastError"];
  /** Why it broke before this start; it counts as broken until it has answered once. */
  trouble: string | null;
  /** What it was loaded with; another set of instances means a new child. */
  configured: string;
  stopped: boolean;
}

/** One per instance; one for the plugin as a whole while it has none. */
export function statusesOf(name: string, plugin: Loaded): PluginStatus[] {
  const state = plugin.state === "running" && plugin.trouble !== null ? ("broken" as const) : plugin.state;
  const base = {
    name,
    version: plugin.manifest?.version ?? "0.0.0",
    origin: "user" as const,
    state,
    reason: plugin.reason ?? plugin.trouble,
    summary: plugin.manifest?.summary ?? "",
    capabilities: plugin.manifest?.capabilities ?? [],
    granted: plugin.granted === null ? null : [...plugin.granted],
    lastError: plugin.lastError,
    retryAt: plugin.retryAt,
    restarts: plugin.restarts,
    cage: plugin.cage,
  };
  const known = [...plugin.instances];
  const wrong = [...plugin.wrong].map(([instance, reason]) => ({
    ...base,
    instance,
    state: "broken" as const,
    reason,
    checks: [],
    repairs: [],
    consecutiveFailures: 3,
  }));
  if (known.length === 0 && wrong.length > 0 && plugin.state === "running") return wrong;
  if (known.length === 0) {
    const failures = state === "broken" ? Math.max(3, plugin.restarts + 1) : 0;
    return [{ ...base, instance: "default", checks: [], repairs: [], consecutiveFailures: failures }];
  }
  const set = known.map(([instance, { facts, failures }]) => ({
    ...base,
    instance,
    checks: facts.checks.map((one) => one.name),
    repairs: facts.repairs.map((one) => one.name),
    consecutiveFailures: state === "broken" ? Math.max(3, failures) : failures,
  }));
  return plugin.state === "running" ? [...set, ...wrong] : set;
}
