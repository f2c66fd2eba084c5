/** How users' plugins are kept on this host: the cage it offers, and what the configuration allows. */
import { basename, dirname } from "node:path";
import { pathOfInstance } from "../core/config/plugins.ts";
import { type ConfigProblem, formatPath } from "../core/config/problems.ts";
import type { Config } from "../core/config/schema.ts";
import type { UserPluginRules } from "../core/host/user/bring-up.ts";
import type { ConfigFault } from "../core/host/user/protocol.ts";
import { type Cage, findCage } from "../core/ports/user-plugins/cage.ts";
import { realPath } from "../core/ports/processes/process-stat.ts";
import { readLock } from "../core/ports/user-plugins/plugin-lock.ts";
import type { SystemPorts } from "./ports.ts";
import { self } from "./self.ts";
import type { Settings } from "./settings.ts";

/** Cortex's own: its data and key, and its configuration with what lies beside it where the folder is its own. */
export function ownPlaces({ dataDir, keyFile, path, config: { backup } }: Settings): string[] {
  const folder = path === null ? null : dirname(path);
  const config = folder !== null && basename(folder) === "cortex" ? folder : path;
  const elsewhere = backup.folder === undefined ? [] : [backup.folder];
  return [dataDir, keyFile, ...elsewhere, ...(config === null ? [] : [config])].map(realPath);
}

/** `hidden`: Cortex's own folders and files, which no plugin sees. */
export function findCageHere(
  { exec, facts }: Pick<SystemPorts, "exec" | "facts">,
  hidden: readonly string[],
): Promise<Cage> {
  const { argv, readable } = self();
  return findCage({
    exec,
    childArgv: [...argv, "plugin-host"],
    readable,
    isRoot: facts.isRoot,
    hidden,
  });
}

/** A mistake that a plugin found in its own configuration, with the place in the file; nothing secret is in its words. */
export function placeOf(
  { source, locate, secrets }: Pick<Settings, "source" | "locate" | "secrets">,
  instance: { plugin: string; id: string },
  { at, message }: ConfigFault,
): ConfigProblem {
  const path = [...pathOfInstance(source, instance), ...at];
  return { ...locate(path), path: formatPath(path), message: secrets.redact(message) };
}

/** The folder's lock decides where the configuration does not: who has one wants it to hold. */
export function rulesOf(config: Config, pluginsDir: string): UserPluginRules {
  const { load, cage, memory } = config.user_plugins;
  return {
    load: load ?? (readLock(pluginsDir).exists ? "allow_listed" : "any"),
    cage,
    memoryBytes: memory,
  };
}
