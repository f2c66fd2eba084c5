/** package_works: a declared package passes its own test; versions that did are remembered. */
import { type Check, oneLine, type PluginContext } from "cortex";
import { firstLine } from "../common/systemd-unit.ts";
import type { Dpkg } from "./dpkg.ts";

export const TYPE = "package.broken";
export const ownerOf = (name: string) => `package:${name}`;
/** Versions that passed, the newest success last. */
export const GOOD = "good";
const KEPT = 5;

export interface WorksConfig {
  package: string;
  test: string[];
  test_timeout: number;
}

export function createPackageWorks(ctx: PluginContext, config: WorksConfig, dpkg: Dpkg): Check {
  const { package: name } = config;

  function remember(version: string): void {
    const known = ctx.store.get<string[]>(GOOD) ?? [];
    if (known.at(-1) === version) return;
    ctx.store.set(GOOD, [...known.filter((one) => one !== version), version].slice(-KEPT));
  }

  return {
    name: "package_works",
    summary: "A declared package passes its own test.",
    type: TYPE,
    nature: "fact",
    intervalMs: 60_000,
    confirmMs: 30_000,
    async run({ signal }) {
      if (ctx.exec.which("dpkg-query") === null) return [{ skipped: "dpkg is not installed", target: name }];
      const installed = await dpkg.installed(signal);
      if (installed === null)
        return [{ skipped: `${name} is not installed, or more than once`, target: name }];
      const { version, status } = installed;
      const result = await ctx.exec.run(config.test, { signal, timeoutMs: config.test_timeout });
      const works = result.exitCode === 0;
      if (works && status === "installed") remember(version);
      const why = result.timedOut ? "no answer in time" : firstLine(result);
      return [
        {
          target: name,
          owner: ownerOf(name),
          status: works ? "ok" : "critical",
          summary: oneLine(
            works ? `${name} ${version} passes its test` : `${name} ${version} fails its test: ${why}`,
          ),
          data: { version, status },
        },
      ];
    },
  };
}
