/** A path that the operator declared, by the name that is convenient: /var/run/app, /etc/nginx/sites-enabled/shop. */
import { type PluginContext, realPath } from "cortex";

export interface DeclaredPath {
  /**
   * Where it led when it was looked at first, at the start. It stays that place: a link that is exchanged later redirects
   * nothing, and a place that becomes a link itself is refused when an act begins.
   */
  real(): Promise<string>;
}

export function createDeclaredPath(
  { fs, log }: Pick<PluginContext, "fs" | "log">,
  declared: string,
): DeclaredPath {
  let known: Promise<string> | null = null;
  async function look(): Promise<string> {
    const real = await realPath(fs, declared);
    if (real !== declared)
      log.info("A declared path is a link; the place behind it is meant until Cortex starts again.", {
        declared,
        real,
      });
    return real;
  }
  return { real: () => (known ??= look()) };
}

export interface DeclaredPaths {
  real(declared: string): Promise<string>;
  /** Look at all of them now. */
  start(): Promise<void>;
}

export function createDeclaredPaths(
  ctx: Pick<PluginContext, "fs" | "log">,
  declared: readonly string[],
): DeclaredPaths {
  const paths = new Map(declared.map((path) => [path, createDeclaredPath(ctx, path)]));
  return {
    real: (path) => paths.get(path)?.real() ?? Promise.resolve(path),
    async start() {
      await Promise.all([...paths.values()].map((path) => path.real()));
    },
  };
}
