import type { Look } from "../../kit/tone.tsx";
import type { Plugin } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

const LOOKS: Record<Plugin["state"], Omit<Look, "word">> = {
  running: { tone: "ok", icon: "check-circle" },
  starting: { tone: "accent", icon: "loader", busy: true },
  disabled: { tone: "idle", icon: "ban" },
  stopped: { tone: "idle", icon: "pause" },
  broken: { tone: "bad", icon: "x-circle" },
};

export const pluginLook = (plugin: Plugin, t: Texts): Look => ({
  ...LOOKS[plugin.state],
  word: t.plugins.states[plugin.state],
});

const ORDER: readonly Plugin["state"][] = ["broken", "starting", "running", "stopped", "disabled"];

/** Broken ones first, then by name. */
export const comparePlugins = (a: Plugin, b: Plugin): number =>
  ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
  a.id.localeCompare(b.id) ||
  a.nodeName.localeCompare(b.nodeName);

/** Where neither bubblewrap nor Landlock keeps it; its text says what to install. */
export const hasWeakCage = ({ cage }: Plugin): boolean => cage != null && /^(none|seccomp)/.test(cage);

/** In the address: the node and the plugin. */
export const pluginKey = (plugin: Pick<Plugin, "node" | "id">): string => `${plugin.node}/${plugin.id}`;

export interface Permission {
  name: string;
  /** refused: it asks and was not allowed; spare: it was allowed and does not ask. */
  kind: "allowed" | "refused" | "spare";
}

/** What it asks for beside what it was allowed, what it lacks first. */
export function permissionsOf({ capabilities, granted }: Plugin): Permission[] {
  const isAllowed = (name: string) => granted == null || granted.includes(name);
  const asked = capabilities.map((name): Permission => ({
    name,
    kind: isAllowed(name) ? "allowed" : "refused",
  }));
  const spare = (granted ?? []).filter((name) => !capabilities.includes(name));
  const order = ["refused", "allowed", "spare"];
  return [...asked, ...spare.map((name): Permission => ({ name, kind: "spare" }))].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  );
}

/** By what it is bounded: it is part of Cortex, a list of allowed plugins, or nothing but what it asks for. */
export function boundOf({ origin, granted }: Plugin): "builtIn" | "list" | "none" | null {
  if (origin === "built-in") return "builtIn";
  return granted === undefined ? null : granted === null ? "none" : "list";
}

/** What helps a broken one: the next start by itself (ms to go; 0: at any moment), or only a person; null when it is not broken. */
export function comesBack(
  { state, retryAt, reason }: Plugin,
  now: number,
): { inMs: number } | "person" | null {
  if (state !== "broken" || reason === null) return null;
  if (retryAt == null) return "person";
  return { inMs: Math.max(0, Date.parse(retryAt) - now) };
}

/** Its part of a node's configuration: of several instances its own; null when nothing is written. */
export function configOf(config: Record<string, unknown>, { name, instance }: Plugin): unknown {
  const written = (config["plugins"] as Record<string, unknown> | undefined)?.[name];
  if (!Array.isArray(written)) return written ?? null;
  const idOf = (one: unknown) => (one as { id?: string } | null)?.id ?? "default";
  return written.find((one) => idOf(one) === instance) ?? (written.length === 1 ? written[0] : null);
}
