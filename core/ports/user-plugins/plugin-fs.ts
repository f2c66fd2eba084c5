/**
 * The host's files as a user's plugin may see them. `fs-read` alone gives what every user of the host may read, whoever
 * Cortex runs as; `fs-read:/PATH` gives what lies below PATH, as far as Cortex itself may read it. Cortex's own folders are
 * never among them. Paths are judged as they really are, after all symlinks, and a file by its open handle.
 */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Capability, CortexError, type HostFs } from "cortex";
import { hostPath } from "../files/host-path.ts";

export interface PluginFsOptions {
  /** The whole port; it answers once a path may be seen. */
  fs: HostFs;
  hostRoot: string;
  capabilities: readonly Capability[];
  /** Real paths of folders that no plugin sees. */
  hidden: readonly string[];
}

/** Larger files are no reading of a check. */
const MAX_BYTES = 2 ** 20;
/** World-readable by their mode, but they show where another process has its memory. */
const REFUSED_IN_PROC =
  /^\/proc\/[^/]+\/(task\/[^/]+\/)?(maps|smaps|smaps_rollup|numa_maps|wchan|environ|mem)$/;
const PREFIX = "fs-read:";

const denied = (path: string, why: string) =>
  new CortexError("fs.denied", "forbidden", `${path} ${why}`, { details: { path } });

export function createPluginFs(options: PluginFsOptions): HostFs {
  const { fs, hostRoot, capabilities } = options;
  const declared = capabilities
    .filter((one) => one.startsWith(PREFIX))
    .map((one) => one.slice(PREFIX.length));
  const everyone = (capabilities as readonly string[]).includes("fs-read");
  const below = (path: string, folder: string) =>
    path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
  const real = (path: string) => realpath(hostPath(hostRoot, path)).catch(() => hostPath(hostRoot, path));

  /** Throws unless the plugin may see what is at this real path; `mode` is the right that others need on it. */
  async function assertVisible(path: string, place: string, mode: 0 | 4 | 5): Promise<void> {
    for (const folder of options.hidden)
      if (below(place, folder)) throw denied(path, "belongs to Cortex itself; plugins never read it");
    for (const one of declared) if (below(place, await real(one))) return;
    const advice = `declare the capability fs-read:${path}`;
    if (!everyone) throw denied(path, `is not below a declared path; ${advice}`);
    if (REFUSED_IN_PROC.test(place)) throw denied(path, "shows the memory of a process");
    for (let folder = dirname(place); folder !== "/"; folder = dirname(folder)) {
      const stat = await lstat(folder).catch(() => null);
      // What does not exist is not hidden either: the reading itself says so.
      if (stat !== null && (stat.mode & 0o001) === 0)
        throw denied(path, `lies in a folder that others may not enter; ${advice}`);
    }
    const stat = mode === 0 ? null : await lstat(place).catch(() => null);
    if (stat !== null && (stat.mode & mode) !== mode)
      throw denied(path, `may not be read by every user; ${advice}`);
  }

  /** The place itself, its last symlink not followed. */
  async function placeOf(path: string): Promise<string> {
    const place = hostPath(hostRoot, path, true);
    if (place === "/") return place;
    return join(await realpath(dirname(place)).catch(() => dirname(place)), basename(place));
  }

  async function look(path: string): Promise<void> {
    await assertVisible(path, await placeOf(path), 0);
  }

  async function readOpen(path: string, handle: FileHandle): Promise<string> {
    // Whatever was swapped meanwhile: this is the file that is open now.
    await assertVisible(path, await readlink(`/proc/self/fd/${handle.fd}`), 4);
    const stat = await handle.stat();
    if (!stat.isFile()) throw denied(path, "is no regular file");
    if (stat.size > MAX_BYTES)
      throw denied(path, "is larger than 1 MiB, which is more than a plugin may read");
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    if (length > MAX_BYTES) throw denied(path, "is larger than 1 MiB, which is more than a plugin may read");
    return buffer.toString("utf8", 0, length);
  }

  async function readText(path: string): Promise<string> {
    const place = await real(path);
    await assertVisible(path, place, 4);
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
    const handle = await open(place, flags).catch(() => null);
    // The whole port says in its own words why it can't be opened.
    if (handle === null) return fs.readText(path);
    try {
      return await readOpen(path, handle);
    } finally {
      await handle.close();
    }
  }

  const absent = (error: unknown) => (error as { code?: unknown }).code === "fs.not_found";

  return {
    readText,
    async readTextIfPresent(path) {
      try {
        return await readText(path);
      } catch (error) {
        if (absent(error)) return null;
        throw error;
      }
    },
    async list(path) {
      const place = await real(path);
      await assertVisible(path, place, 5);
      return place === hostPath(hostRoot, path) ? fs.list(path) : (await readdir(place)).sort();
    },
    async exists(path) {
      await look(path);
      return fs.exists(path);
    },
    async stat(path) {
      await look(path);
      return fs.stat(path);
    },
    async readLink(path) {
      await look(path);
      return fs.readLink(path);
    },
    async usage(path, timeoutMs) {
      await look(path);
      return fs.usage(path, timeoutMs);
    },
  };
}
