/** One reading of all units, shared by the checks that are due together. */
import type { ExecResult, PluginContext } from "cortex";
import { CortexError } from "cortex";
import { firstLine, isSystemdRunning, NO_SYSTEMD } from "../common/systemd-unit.ts";
import { type ListedUnit, parseUnitFiles, parseUnits } from "./systemd.parse.ts";

/** Checks of one tick start within this time. */
const SHARED_FOR_MS = 2000;
const LIST = ["systemctl", "list-units", "--all", "--full", "--plain", "--no-legend", "--no-pager"];
const TYPES = "--type=service,timer,socket,mount,target";
const FILES = [
  "systemctl",
  "list-unit-files",
  "--full",
  "--no-legend",
  "--no-pager",
  "--state=enabled",
  "--type=service,timer,socket",
];

export interface Units {
  /** Why nothing can be said here, or null. */
  unavailable(): Promise<string | null>;
  list(signal: AbortSignal): Promise<ListedUnit[]>;
  /** Names of enabled units, templates left out. */
  enabled(signal: AbortSignal): Promise<string[]>;
}

export function createUnits(ctx: PluginContext): Units {
  let shared: { at: number; units: Promise<ListedUnit[]> } | null = null;

  async function run(argv: string[], signal: AbortSignal): Promise<string> {
    const result: ExecResult = await ctx.exec.run(argv, { signal, maxOutputBytes: 4 * 2 ** 20 });
    if (result.exitCode === 0) return result.stdout;
    const why = result.timedOut ? "no answer in time" : firstLine(result);
    throw new CortexError(
      "systemd.unreadable",
      "unavailable",
      `${argv.slice(0, 2).join(" ")} failed: ${why}`,
    );
  }

  return {
    async unavailable() {
      if (!(await isSystemdRunning(ctx.fs))) return NO_SYSTEMD;
      return ctx.exec.which("systemctl") === null ? "systemctl is not installed" : null;
    },
    list(signal) {
      const now = ctx.clock.monotonic();
      if (shared === null || now - shared.at >= SHARED_FOR_MS) {
        const units = run([...LIST, TYPES], signal).then(parseUnits);
        // A reading that failed, or was aborted with the check that asked first, is not shared.
        units.catch(() => (shared = null));
        shared = { at: now, units };
      }
      return shared.units;
    },
    enabled: async (signal) =>
      parseUnitFiles(await run(FILES, signal))
        .filter(({ name, state }) => state === "enabled" && !name.includes("@."))
        .map(({ name }) => name),
  };
}

/**
 * Names that this check has called bad. They go on being reported, as ok, for as long as they exist: a problem ends by a
 * good result, and this must survive a restart.
 */
export function createMemory(ctx: PluginContext, check: string) {
  const key = `bad:${check}`;
  return {
    names: (): string[] => ctx.store.get<string[]>(key) ?? [],
    keep(names: Iterable<string>): void {
      const next = [...new Set(names)].sort();
      if (next.join(" ") !== this.names().join(" ")) ctx.store.set(key, next);
    },
  };
}
