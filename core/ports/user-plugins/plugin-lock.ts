/**
 * `plugins.lock`, beside the folder of users' plugins: which plugins may run, by the hash of each file, and what they were
 * allowed. Whoever can write the folder but not this file can run nothing new.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { messageOf } from "cortex";
import * as z from "zod";
import { refusalOf } from "./plugin-files.ts";

const entry = z.strictObject({
  version: z.string().max(50),
  /** Path below the plugin's folder → SHA-256. */
  files: z.record(z.string().max(300), z.string().regex(/^[0-9a-f]{64}$/)),
  permissions: z.array(z.string().max(200)).max(50),
  /** ISO 8601, and the login of who allowed it. */
  allowed_at: z.string().max(40),
  allowed_by: z.string().max(100),
});
export type LockEntry = z.infer<typeof entry>;

const lockFile = z.strictObject({ version: z.literal(1), plugins: z.record(z.string().max(100), entry) });

/** `/etc/cortex/plugins` → `/etc/cortex/plugins.lock`. */
export const lockPathOf = (pluginsDir: string) => `${pluginsDir.replace(/\/+$/, "")}.lock`;

export interface PluginLock {
  exists: boolean;
  /** Why it can't be trusted or read: then nothing is allowed. */
  refused: string | null;
  plugins: Record<string, LockEntry>;
}

export function readLock(pluginsDir: string): PluginLock {
  const path = lockPathOf(pluginsDir);
  const nothing = (refused: string | null) => ({ exists: refused !== null, refused, plugins: {} });
  try {
    const fd = openSync(path, "r");
    try {
      const stat = fstatSync(fd);
      const refused = refusalOf(path, stat);
      if (refused !== null) return nothing(refused);
      const parsed = lockFile.safeParse(JSON.parse(readFileSync(fd, "utf8")));
      if (!parsed.success)
        return nothing(
          `${path} is not what \`cortex plugin allow\` writes: ${parsed.error.issues[0]?.path.join(".")} ${parsed.error.issues[0]?.message}`,
        );
      return { exists: true, refused: null, plugins: parsed.data.plugins };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return nothing(null);
    return nothing(`${path} can't be read: ${messageOf(error)}`);
  }
}

/** Written aside and renamed, readable by all: nothing in it is secret. */
export function writeLock(pluginsDir: string, plugins: Record<string, LockEntry>): string {
  const path = lockPathOf(pluginsDir);
  const sorted = Object.fromEntries(Object.entries(plugins).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const fd = openSync(`${path}.new`, "w", 0o644);
  try {
    writeSync(fd, `${JSON.stringify({ version: 1, plugins: sorted }, null, 2)}\n`);
    // The umask of the one who allows must not hide it from the user Cortex runs as.
    fchmodSync(fd, 0o644);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  return path;
}

/** Why these files may not run by this lock, with what to do; null when they may. */
export function notAllowed(
  lock: PluginLock,
  name: string,
  hashes: Readonly<Record<string, string>>,
): string | null {
  if (lock.refused !== null) return `the allow-list can't be trusted: ${lock.refused}`;
  const known = lock.plugins[name];
  const advice = `look at it, then run: cortex plugin allow ${name}`;
  if (known === undefined) return `it is not on the allow-list; ${advice}`;
  const changed = [...new Set([...Object.keys(hashes), ...Object.keys(known.files)])]
    .filter((path) => hashes[path] !== known.files[path])
    .toSorted();
  if (changed.length === 0) return null;
  return `${changed[0]} is not as it was allowed${changed.length > 1 ? ` (and ${changed.length - 1} more)` : ""}; ${advice}`;
}
