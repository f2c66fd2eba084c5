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
