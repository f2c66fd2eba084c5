/** What is known of one instance of a plugin, and shown of it. */
import type { PluginDefinition } from "cortex";
import type { PluginInstance } from "../config/schema.ts";
import type { Origin } from "./registry.ts";

export type PluginState = "starting" | "running" | "disabled" | "broken" | "stopped";

export interface PluginStatus {
  name: string;
  instance: string;
  version: string;
  origin: Origin;
  state: PluginState;
  /** Why broken or disabled, one line. */
  reason: string | null;
  summary: string;
  checks: string[];
  repairs: string[];
  /** What it asks for. */
  capabilities: string[];
  /** What it was allowed; null where no list of allowed plugins is kept: whatever it asks for. */
  granted: string[] | null;
  /** Why it broke last, also after it runs again; `at` in epoch ms. */
  lastError: { text: string; at: number } | null;
  /** When it is started again, epoch ms; null when it runs, or only a person can help. */
  retryAt: number | null;
  /** Restarts of a user's plugin process, retries of `start` for built-ins. */
  restarts: number;
  consecutiveFailures: number;
  /** What a user's plugin is kept in; null for one that runs inside the program. */
  cage: string | null;
}

/** Of a built-in plugin, before it was set up. */
export const firstStatus = (definition: PluginDefinition, instance: PluginInstance): PluginStatus => ({
  name: definition.name,
  instance: instance.id,
  version: definition.version,
  origin: "built-in",
  state: instance.host.enabled ? "starting" : "disabled",
  reason: instance.host.enabled ? null : "switched off in the configuration",
  summary: definition.summary,
  checks: [],
  repairs: [],
  capabilities: [...definition.capabilities],
  granted: [...definition.capabilities],
  lastError: null,
  retryAt: null,
  restarts: 0,
  consecutiveFailures: 0,
  cage: null,
});
