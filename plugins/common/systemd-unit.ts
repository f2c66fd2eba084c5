/** Unit names and what `systemctl show` says about them; shared by the plugins that look at units. */
import type { Exec, HostFs } from "cortex";
import { CortexError } from "cortex";
import * as z from "zod";

/**
 * One exact unit: no globs (systemctl takes patterns over loaded units), no option, no path. Commands name it after
 * `--` all the same.
 */
export const UNIT_NAME = /^[A-Za-z0-9][A-Za-z0-9:_.\\@-]{0,200}\.(service|timer|socket|mount)$/;

export const unitName = z
  .string()
  .regex(UNIT_NAME, { error: 'must be one full unit name such as "nginx.service", without patterns' });

/** systemd.unit(5), "string escaping": `data-my\\x20disk.mount` → `/data/my disk`. */
export const mountPointOf = (unit: string): string => {
  const escaped = unit.replace(/\.mount$/, "");
  if (escaped === "-") return "/";
  const bytes = Buffer.from(`/${escaped.replaceAll("-", "/")}`).toString("latin1");
  const plain = bytes.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1").toString("utf8");
};

export const NO_SYSTEMD = "systemd is not running (no /run/systemd/system)";

/** The test that sd_booted(3) documents. */
export const isSystemdRunning = (fs: HostFs): Promise<boolean> => fs.exists("/run/systemd/system");

/** `KEY=value` blocks separated by empty lines: one block per unit that was asked for, in that order. */
export function parseShow(text: string): Record<string, string>[] {
  return text
    .split(/\n\s*\n/)
    .map((block) =>
      Object.fromEntries(
        block
          .split("\n")
          .filter((line) => line.includes("="))
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      ),
    )
    .filter((unit) => Object.keys(unit).length > 0);
}

/** Properties of units; absent ones say LoadState=not-found. Empty when no unit is asked for. */
export async function showUnits(
  exec: Exec,
  units: readonly string[],
  properties: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, string>[]> {
  if (units.length === 0) return [];
  const argv = ["systemctl", "show", "--no-pager", `--property=${properties.join(",")}`, "--", ...units];
  // Times are printed in the zone of the one who asks.
  const result = await exec.run(argv, { signal, env: { TZ: "UTC" }, maxOutputBytes: 2 ** 20 });
  if (result.exitCode === 0) return parseShow(result.stdout);
  throw new CortexError("systemd.unreadable", "unavailable", `systemctl show failed: ${firstLine(result)}`);
}

/** What a failed program said first. */
export function firstLine(result: { stdout: string; stderr: string; exitCode: number | null }): string {
  const line = `${result.stderr}\n${result.stdout}`.split("\n").find((text) => text.trim() !== "");
  return line?.trim().slice(0, 300) ?? `exit code ${result.exitCode ?? "none"}`;
}
