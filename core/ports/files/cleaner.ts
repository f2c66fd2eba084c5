/**
 * Deletes old files in shared directories, where anybody may swap a directory for a link at any moment.
 *
 * Directories are opened one below the other by handle (openat2: beneath, no links, no other mounts), files are looked at
 * and unlinked relative to these handles. Two phases: `scan` lists, `remove` deletes only what is listed and has not
 * changed since. Directories stay, also empty ones: services hold on to their private ones by name.
 */
import { closeSync, realpathSync } from "node:fs";
import {
  type CleanEntry,
  type Cleaner,
  type CleanManifest,
  type CleanPolicy,
  type Clock,
  defineErrors,
  messageOf,
} from "cortex";
import { type OpenFiles, scanOpenFiles } from "./open-files.ts";
import {
  AT_FDCWD,
  DT,
  ERRNO,
  isDirectory,
  isRegular,
  openSyscalls,
  type RawStat,
  RESOLVE,
  type Syscalls,
} from "./syscalls.ts";
import { createTurns, INSIDE, walk } from "./walk.ts";

const errors = defineErrors("cleaner", {
  unsupported: "unavailable",
  not_allowed: "forbidden",
  not_found: "not_found",
  invalid: "invalid",
});

/** On the way to the root other mounts are normal: /tmp is one. */
const TO_ROOT = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS;

/**
 * Never entered below any root: sockets of X and fonts, and private directories whose removal let a local user take
 * their place (snapd, CVE-2026-3888).
 */
const ALWAYS_EXCLUDED =
  /^(systemd-private-.*|snap-private-tmp|\.?snap(\..*)?|\.(X11|ICE|font|XIM|Test)-unix)$/;

const LIMITS = { maxEntries: 100_000, maxBytes: 10 * 2 ** 30, maxDepth: 64, maxMs: 60_000 };
/** While deleting, files in use are looked up again after this time. */
const OPEN_FILES_MS = 5000;

export interface CleanerOptions {
  clock: Clock;
  /** Real directories at or below which cleaning is allowed at all. */
  allowed: readonly string[];
  /** For tests: system calls of another kernel, and lower limits. */
  calls?: Syscalls | string;
  limits?: Partial<typeof LIMITS>;
  uid?: number;
}

type Reason = string;
type Kept = Record<Reason, number>;

export function createCleaner(options: CleanerOptions): Cleaner {
  const { clock } = options;
  const limits = { ...LIMITS, ...options.limits };
  const uid = options.uid ?? process.geteuid?.() ?? -1;
  let calls: Syscalls | null = null;

  function ready(): Syscalls {
    calls ??= supported(options.calls ?? openSyscalls());
    return calls;
  }

  /** Why this file stays, or null. Young counts from the last time it was written, changed or read. */
  function reasonToKeep(stat: RawStat, policy: CleanPolicy): Reason | null {
    if (!isRegular(stat)) return "not_a_file";
    if (stat.nlink !== 1) return "hard_link";
    if (uid !== 0 && stat.uid !== uid) return "not_own";
    // With noatime the time of the last reading stands still, and the other two decide.
    const touchedAt = Math.max(stat.modifiedAt, stat.changedAt, stat.accessedAt);
    return clock.now() - touchedAt < policy.minAgeMs ? "young" : null;
  }

  async function scan(policy: CleanPolicy, signal?: AbortSignal): Promise<CleanManifest> {
    const sys = ready();
    const root = openRoot(sys, policy.root, options.allowed);
    const kept: Kept = {};
    const entries: CleanEntry[] = [];
    const keep = (reason: Reason) => void (kept[reason] = (kept[reason] ?? 0) + 1);
    const maxEntries = Math.min(policy.maxEntries ?? limits.maxEntries, limits.maxEntries);
    const maxBytes = Math.min(policy.maxBytes ?? limits.maxBytes, limits.maxBytes);
    const deadline = clock.monotonic() + limits.maxMs;
    let totalBytes = 0;
    let open: OpenFiles;

    const take = (fd: number, name: string, path: string) => {
      const stat = sys.stat(fd, name);
      if (typeof stat === "number") return keep(reasonOf(stat));
      const reason = stat.dev === root.dev ? reasonToKeep(stat, policy) : "other_fs";
      if (reason !== null) return keep(reason);
      if (open.has(stat)) return keep("open");
      if (entries.length >= maxEntries || totalBytes + stat.allocatedBytes > maxBytes) return keep("capped");
      const { dev, ino, sizeBytes, allocatedBytes, modifiedAt } = stat;
      entries.push({ path, dev, ino, sizeBytes, allocatedBytes, modifiedAt });
      totalBytes += allocatedBytes;
    };

    try {
      open = await scanOpenFiles(sys);
      const turn = createTurns(signal);
      await walk(sys, root.fd, async (fd, entry, path, depth) => {
        await turn();
        if (depth === 1 && isExcluded(entry.name, policy)) return keep("excluded");
        if (entries.length >= maxEntries || clock.monotonic() > deadline) return (keep("capped"), "stop");
        if (entry.type === DT.FILE) return take(fd, entry.name, path);
        if (entry.type !== DT.DIRECTORY && entry.type !== DT.UNKNOWN) return keep("not_a_file");
        if (entry.type === DT.UNKNOWN) {
          const stat = sys.stat(fd, entry.name);
          if (typeof stat === "number" || !isDirectory(stat)) return take(fd, entry.name, path);
        }
        if (depth >= limits.maxDepth) return keep("too_deep");
        return { enter: (errno) => keep(reasonOf(errno)) };
      });
    } finally {
      closeSync(root.fd);
    }
    entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return { policy, entries, totalBytes, kept };
  }

  async function remove(manifest: CleanManifest, signal?: AbortSignal) {
    const sys = ready();
    const { policy } = manifest;
    const root = openRoot(sys, policy.root, options.allowed);
    const outcome = { removed: 0, removedBytes: 0, kept: {} as Kept };
    const keep = (reason: Reason) => void (outcome.kept[reason] = (outcome.kept[reason] ?? 0) + 1);
    let parent = { path: "", fd: root.fd };
    const closeParent = () => parent.fd !== root.fd && parent.fd >= 0 && closeSync(parent.fd);

    try {
      let open = await scanOpenFiles(sys);
      let lookedAt = clock.monotonic();
      const turn = createTurns(signal);
      for (const entry of manifest.entries) {
        await turn();
        const { folder, name } = splitPath(entry.path);
        if (isExcluded(entry.path.split("/")[0]!, policy)) {
          keep("excluded");
          continue;
        }
        if (folder !== parent.path) {
          closeParent();
          parent = { path: folder, fd: folder === "" ? root.fd : sys.openDirectory(root.fd, folder, INSIDE) };
        }
        if (parent.fd < 0) {
          keep(reasonOf(parent.fd));
          continue;
        }
        if (clock.monotonic() - lookedAt > OPEN_FILES_MS) {
          open = await scanOpenFiles(sys);
          lookedAt = clock.monotonic();
        }
        const stat = sys.stat(parent.fd, name);
        const reason =
          typeof stat === "number" ? reasonOf(stat) : (changeOf(entry, stat) ?? reasonToKeep(stat, policy));
        if (reason !== null || open.has(entry)) {
          keep(reason ?? "open");
          continue;
        }
        const done = sys.unlink(parent.fd, name);
        if (done < 0) {
          keep(reasonOf(done));
          continue;
        }
        outcome.removed += 1;
        outcome.removedBytes += entry.allocatedBytes;
      }
    } finally {
      closeParent();
      closeSync(root.fd);
    }
    return outcome;
  }

  return { scan, remove };
}

function supported(calls: Syscalls | string): Syscalls {
  if (typeof calls === "string") throw errors.unsupported(`files can't be cleaned here: ${calls}`);
  const fd = calls.openDirectory(AT_FDCWD, "/", RESOLVE.NO_MAGICLINKS);
  // ENOSYS before Linux 5.6; EPERM from old container run-times that don't know the call.
  if (fd === -ERRNO.ENOSYS || fd === -ERRNO.EPERM)
    throw errors.unsupported("files can't be cleaned here: the kernel has no openat2 (Linux 5.6)");
  if (fd >= 0) closeSync(fd);
  return calls;
}

/** The handle of the root's real path, reached without following a link. Errors: `cleaner.not_allowed`, `.not_found`. */
function openRoot(sys: Syscalls, path: string, allowed: readonly string[]): { fd: number; dev: number } {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw errors.not_found(`${path} can't be cleaned: ${messageOf(error)}`, { cause: error });
  }
  const inside = (base: string) => base !== "/" && (real === base || real.startsWith(`${base}/`));
  if (!path.startsWith("/") || !allowed.flatMap(realPathOf).some(inside))
    throw errors.not_allowed(`${path} (really ${real}) is not below policy.clean_roots; nothing was deleted`);
  const top = sys.openDirectory(AT_FDCWD, "/", RESOLVE.NO_MAGICLINKS);
  const fd = top < 0 ? top : sys.openDirectory(top, real.slice(1), TO_ROOT);
  if (top >= 0) closeSync(top);
  const stat = fd < 0 ? fd : sys.stat(fd, ".");
  if (typeof stat === "number")
    throw errors.not_found(`${real} can't be opened without following links (errno ${-stat})`);
  return { fd, dev: stat.dev };
}

function realPathOf(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

const isExcluded = (name: string, policy: CleanPolicy) =>
  ALWAYS_EXCLUDED.test(name) || (policy.exclude ?? []).includes(name);

const changeOf = (entry: CleanEntry, stat: RawStat): Reason | null =>
  stat.dev === entry.dev &&
  stat.ino === entry.ino &&
  stat.sizeBytes === entry.sizeBytes &&
  stat.modifiedAt === entry.modifiedAt
    ? null
    : "changed";

/** "a/b/c" → "a/b" and "c". A manifest comes back from the store, so its paths are checked as any input. */
function splitPath(path: string): { folder: string; name: string } {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === ".."))
    throw errors.invalid(`${JSON.stringify(path)} is no path of a manifest; nothing more was deleted`);
  return { folder: parts.slice(0, -1).join("/"), name: parts.at(-1)! };
}

/** What a negative errno says about an entry. */
function reasonOf(errno: number): Reason {
  if (errno === -ERRNO.ENOENT) return "gone";
  if (errno === -ERRNO.EXDEV) return "other_fs";
  if (errno === -ERRNO.ELOOP || errno === -ERRNO.ENOTDIR) return "changed";
  return errno === -ERRNO.EACCES || errno === -ERRNO.EPERM ? "denied" : "failed";
}
