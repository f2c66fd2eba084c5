/**
 * How Cortex was started on a data folder the last time: a command beside it takes the same folder of plugins, and advice to start it
 * again names the same options.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { SettingsOptions } from "./settings.ts";

const lastStart = z.object({
  config: z.string().optional(),
  "plugins-dir": z.string().optional(),
  listen: z.string().optional(),
  role: z.string().optional(),
  /** Whether the folder itself was named. */
  named: z.boolean(),
  /** The unit that systemd runs it as; null: somebody, or something else, started it. */
  unit: z.string().nullable(),
});
export type LastStart = z.infer<typeof lastStart>;

const fileIn = (dataDir: string) => join(dataDir, "started.json");

/** Written by the process that holds the folder's lock. A full disk keeps nothing from starting. */
export function noteStart(dataDir: string, options: SettingsOptions, cgroup = ownCgroup()): void {
  const path = fileIn(dataDir);
  const at = (one: string | undefined) => (one === undefined ? undefined : resolve(one));
  const note: LastStart = {
    config: at(options.config),
    "plugins-dir": at(options["plugins-dir"]),
    listen: options.listen,
    role: options.role,
    named: options["data-dir"] !== undefined,
    unit: unitOf(cgroup),
  };
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // What is advised later on is less exact.
  }
}

/** null where none was, one of an older version, or one of which this user may not know. */
export function lastStartOf(dataDir: string): LastStart | null {
  try {
    return lastStart.parse(JSON.parse(readFileSync(fileIn(dataDir), "utf8")));
  } catch {
    return null;
  }
}

/** "start it with `cortex up --config /srv/cortex.yaml`", with the options it had the last time. */
export const howToStart = (dataDir: string): string => told(dataDir, "start");

/** The same for one that runs and has to begin anew. */
export const howToRestart = (dataDir: string): string => told(dataDir, "restart");

function told(dataDir: string, act: "start" | "restart"): string {
  const last = lastStartOf(dataDir);
  if (last !== null && last.unit !== null) return `${act} it with \`systemctl ${act} ${last.unit}\``;
  const begin = act === "start" ? "start it" : "stop it, then start it";
  if (last === null) return `${begin} with \`cortex up\`, and with the --config you used`;
  return `${begin} with \`${commandOf(dataDir, last)}\``;
}

function commandOf(dataDir: string, last: LastStart): string {
  const options = { "data-dir": last.named ? dataDir : undefined, ...last };
  const named = (["data-dir", "config", "plugins-dir", "listen", "role"] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, quoted(value)];
  });
  return ["cortex up", ...named].join(" ");
}

/** As a shell takes it for one word. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** `text`: /proc/self/cgroup, with a line such as `0::/system.slice/cortex.service` (cgroups(7)). */
const unitOf = (text: string): string | null => /\/(cortex(?:@[^/\n]*)?\.service)$/m.exec(text)?.[1] ?? null;

function ownCgroup(): string {
  try {
    return readFileSync("/proc/self/cgroup", "utf8");
  } catch {
    return "";
  }
}
