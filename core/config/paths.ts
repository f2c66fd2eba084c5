/** Where files lie when the configuration does not say: system folders as root, XDG folders otherwise. */
import { join } from "node:path";

export interface DefaultPaths {
  configFile: string;
  dataDir: string;
  pluginsDir: string;
  /** The key that encrypts stored secrets. */
  keyFile: string;
}

/** XDG Base Directory Specification 0.8: a relative value is invalid and ignored. */
const xdg = (value: string | undefined, home: string, fallback: string) =>
  value?.startsWith("/") ? value : join(home, fallback);

export function defaultPaths(
  env: Readonly<Record<string, string | undefined>>,
  isRoot: boolean,
): DefaultPaths {
  if (isRoot)
    return {
      configFile: "/etc/cortex/cortex.yaml",
      dataDir: "/var/lib/cortex",
      pluginsDir: "/etc/cortex/plugins",
      keyFile: "/etc/cortex/kek",
    };
  const home = env["HOME"] ?? "/";
  const config = join(xdg(env["XDG_CONFIG_HOME"], home, ".config"), "cortex");
  return {
    configFile: join(config, "cortex.yaml"),
    dataDir: join(xdg(env["XDG_STATE_HOME"], home, ".local/state"), "cortex"),
    pluginsDir: join(config, "plugins"),
    keyFile: join(config, "kek"),
  };
}
