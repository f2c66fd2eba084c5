/** The configuration of one run of the program: which file, which folders, which secrets. */
import { resolve } from "node:path";
import { compilePattern, CortexError, definePlugin, type PluginDefinition } from "cortex";
import * as z from "zod";
import { builtins } from "../plugins/index.gen.ts";
import { type LoadedConfig, loadConfig } from "../core/config/load.ts";
import { defaultPaths } from "../core/config/paths.ts";
import type { Config } from "../core/config/schema.ts";
import { ROLES } from "../core/config/sections/network.ts";
import { findUserPlugins } from "../core/ports/user-plugins/plugin-folders.ts";
import { createSecrets, type Secrets } from "../core/ports/secrets/secrets.ts";
import { lastStartOf } from "./last-start.ts";

export interface SettingsOptions {
  config?: string | undefined;
  "data-dir"?: string | undefined;
  "plugins-dir"?: string | undefined;
  listen?: string | undefined;
  role?: string | undefined;
}

export interface Settings extends LoadedConfig {
  secrets: Secrets;
  dataDir: string;
  /** Somebody said which folder, by option, variable or with a file of their own, for this very call. */
  isDataDirNamed: boolean;
  pluginsDir: string;
  /** The file that is read: the one that was named, else where one is looked for, whether there is one or not. */
  configPlace: string;
  keyFile: string;
  /** Read the same file again, with the same command line; throws `config.invalid`. */
  again(): Settings;
}

/**
 * Command line before environment before file before default. `remember`: without --plugins-dir, the one that Cortex was started with
 * on this data folder; not for a start itself, nor for what writes there or runs what lies there, which its user must not direct.
 * Errors: `config.invalid`, `config.not_found`, …
 */
export function loadSettings(
  options: SettingsOptions,
  { trustFile = false, remember = true } = {},
): Settings {
  const env = process.env;
  const isRoot = process.getuid?.() === 0;
  const paths = defaultPaths(env, isRoot);
  const secrets = createSecrets({ env });
  const dataDirOf = (config: Config) => options["data-dir"] ?? config.data_dir ?? paths.dataDir;
  const pluginsDirOf = (config: Config) =>
    options["plugins-dir"] ??
    (remember ? lastStartOf(dataDirOf(config))?.["plugins-dir"] : undefined) ??
    config.plugins_dir ??
    paths.pluginsDir;
  const loaded = loadConfig({
    path: options.config ?? paths.configFile,
    explicit: options.config !== undefined,
    trustFile,
    env,
    secrets,
    definitions: (config) => [...builtins, ...userDefinitions(pluginsDirOf(config))],
    contested: (config) => new Set(findUserPlugins(pluginsDirOf(config)).map(({ name }) => name)),
  });
  for (const source of loaded.config.redact.patterns) secrets.hide(compilePattern(source));
  if (options.listen !== undefined) loaded.config.server.listen = options.listen;
  if (options.role !== undefined) loaded.config.role = parseRole(options.role);
  return {
    ...loaded,
    secrets,
    dataDir: dataDirOf(loaded.config),
    isDataDirNamed:
      options["data-dir"] !== undefined ||
      env["CORTEX_DATA_DIR"] !== undefined ||
      (options.config !== undefined && loaded.config.data_dir !== undefined),
    pluginsDir: pluginsDirOf(loaded.config),
    configPlace: resolve(options.config ?? paths.configFile),
    keyFile: loaded.config.secrets.key_file ?? paths.keyFile,
    again: () => loadSettings(options, { trustFile, remember }),
  };
}

/** For those who stand in another folder than this program did when it was started. */
export const absolute = (path: string | null): string | null => path && resolve(path);

function parseRole(text: string): Config["role"] {
  const role = ROLES.find((one) => one === text);
  if (role === undefined)
    throw new CortexError("cli.role", "invalid", `--role ${text}: there are ${ROLES.join(", ")}`);
  return role;
}

/**
 * What the configuration may name besides the built-ins. A user's plugin checks its own config, in its own process; here
 * it only has to be a mapping.
 */
function userDefinitions(pluginsDir: string): PluginDefinition[] {
  const taken = new Set(builtins.map((one) => one.name));
  return findUserPlugins(pluginsDir)
    .filter(({ name }) => !taken.has(name))
    .map(({ name }) =>
      definePlugin({
        name,
        version: "0.0.0",
        sdk: 1,
        summary: "A plugin of your own.",
        config: z.record(z.string(), z.unknown()),
        // The host gives it a default instance once its own process has said whether it wants one.
        needsConfig: true,
        modes: [],
        capabilities: [],
        setup: () => ({}),
      }),
    );
}
