/** The configuration of one run of the program: which file, which folders, which secrets. */
import { builtins } from "../plugins/index.gen.ts";
import { type LoadedConfig, loadConfig } from "../core/config/load.ts";
import { defaultPaths } from "../core/config/paths.ts";
import { createSecrets, type Secrets } from "../core/ports/secrets.ts";

export interface SettingsOptions {
  config?: string | undefined;
  "data-dir"?: string | undefined;
  "plugins-dir"?: string | undefined;
  listen?: string | undefined;
}

export interface Settings extends LoadedConfig {
  secrets: Secrets;
  dataDir: string;
  pluginsDir: string;
  /** Read the same file again, with the same command line; throws `config.invalid`. */
  again(): Settings;
}

/** Command line before environment before file before default. Errors: `config.invalid`, `config.not_found`, … */
export function loadSettings(options: SettingsOptions): Settings {
  const env = process.env;
  const isRoot = process.getuid?.() === 0;
  const paths = defaultPaths(env, isRoot);
  const secrets = createSecrets({ env });
  const loaded = loadConfig({
    path: options.config ?? paths.configFile,
    explicit: options.config !== undefined,
    env,
    secrets,
    definitions: builtins,
  });
  if (options.listen !== undefined) loaded.config.server.listen = options.listen;
  return {
    ...loaded,
    secrets,
    dataDir: options["data-dir"] ?? loaded.config.data_dir ?? paths.dataDir,
    pluginsDir: options["plugins-dir"] ?? loaded.config.plugins_dir ?? paths.pluginsDir,
    again: () => loadSettings(options),
  };
}
