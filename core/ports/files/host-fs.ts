/** The inspected host's files. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { lstat, readdir, readFile, readlink, statfs } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { CortexError, messageOf } from "cortex";
import type { ErrorKind, FileStat, FsUsage, HostFs } from "cortex";
import { hostPath } from "./host-path.ts";

export interface SharedHostFs extends HostFs {
  /** Forget the shared readings: at the start of each inspection tick, and after a repair acted. */
  beginTick(): void;
}

/**
 * Shared readings lapse by themselves after this long, so that whoever reads between ticks (a repair that looks at
 * what it did) never sees an old state. Checks of one tick start together and read well within it.
 */
const SHARED_FOR_MS = 150;
const STATFS_TIMEOUT_MS = 2000;

const KINDS: Record<string, [code: string, kind: ErrorKind, words: string]> = {
  ENOENT: ["fs.not_found", "not_found", "does not exist"],
  ENOTDIR: ["fs.not_found", "not_found", "does not exist"],
  // A process that ended between readdir and read answers ESRCH.
  ESRCH: ["fs.not_found", "not_found", "does not exist any more"],
  EACCES: ["fs.denied", "forbidden", "may not be read with these rights"],
  EPERM: ["fs.denied", "forbidden", "may not be read with these rights"],
};

/** The CortexError for a failed file operation on a host path. */
function fsError(path: string, cause: unknown): CortexError {
  const errno = (cause as { code?: unknown }).code;
  const known = typeof errno === "string" ? KINDS[errno] : undefined;
  if (known) return new CortexError(known[0], known[1], `${path} ${known[2]}`, { details: { path }, cause });
  return new CortexError("fs.unreadable", "unavailable", `${path} can't be read: ${messageOf(cause)}`, {
    details: { path, errno },
    cause,
  });
}

/** The kernel answers for these from memory, so a synchronous read costs less than a trip through the thread pool. */
const isKernelFile = (path: string) => /^\/(proc|sys)(\/|$)/.test(path);

function kindOf(stat: ReturnType<typeof lstatSync> & object): FileStat["kind"] {
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isSocket()) return "socket";
  if (stat.isFIFO()) return "fifo";
  if (stat.isBlockDevice()) return "block";
  return stat.isCharacterDevice() ? "char" : "file";
}

/**
 * statfs on a mount whose server is gone never returns. The call goes to the thread pool and is abandoned on time-out;
 * until it returns, later questions about the same path join it, so a dead mount costs one thread and not one per run.
 */
function createUsage(root: string, askKernel: typeof statfs): HostFs["usage"] {
  const pending = new Map<string, Promise<FsUsage>>();
  const ask = (path: string) => {
    const known = pending.get(path);
    if (known) return known;
    const answer = askKernel(hostPath(root, path))
      .then((fs) => ({
        totalBytes: fs.blocks * fs.bsize,
        freeBytes: fs.bfree * fs.bsize,
        availableBytes: fs.bavail * fs.bsize,
        totalInodes: fs.files,
        freeInodes: fs.ffree,
      }))
      .finally(() => pending.delete(path));
    pending.set(path, answer);
    return answer;
  };
  return async (path, timeoutMs = STATFS_TIMEOUT_MS) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        late.reject(
          new CortexError("fs.timeout", "timeout", `${path} did not answer within ${timeoutMs} ms`),
        ),
      timeoutMs,
    );
    try {
      return await Promise.race([ask(path), late.promise]);
    } catch (error) {
      throw error instanceof CortexError ? error : fsError(path, error);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Remembers answers, failures included, until `beginTick` or until they lapse. */
function createShared() {
  const known = new Map<string, { at: number; answer: () => unknown }>();
  return {
    clear: () => known.clear(),
    read<T>(key: string, read: () => T): T {
      const now = performance.now();
      const entry = known.get(key);
      if (entry && now - entry.at < SHARED_FOR_MS) return entry.answer() as T;
      let answer: () => T;
      try {
        const value = read();
        answer = () => value;
      } catch (error) {
        answer = () => {
          throw error;
        };
      }
      known.set(key, { at: now, answer });
      return answer();
    },
  };
}

/**
 * `root` is the config's `host_root`: "/" or the folder where the host is mounted. `askKernel` stands in for statfs in
 * tests of a mount that never answers.
 */
export function createHostFs(root = "/", askKernel = statfs): SharedHostFs {
  const shared = createShared();

  async function readText(path: string): Promise<string> {
    try {
      if (isKernelFile(path))
        return shared.read(`text ${path}`, () => readFileSync(hostPath(root, path), "utf8"));
      return await readFile(hostPath(root, path), "utf8");
    } catch (error) {
      throw fsError(path, error);
    }
  }

  async function orNull<T>(reading: Promise<T>): Promise<T | null> {
    try {
      return await reading;
    } catch (error) {
      if ((error as CortexError).code === "fs.not_found") return null;
      throw error;
    }
  }

  async function stat(path: string): Promise<FileStat> {
    try {
      const place = hostPath(root, path, true);
      const found = isKernelFile(path) ? lstatSync(place) : await lstat(place);
      return {
        kind: kindOf(found),
        sizeBytes: found.size,
        modifiedAt: Math.trunc(found.mtimeMs),
        mode: found.mode & 0o7777,
        uid: found.uid,
        gid: found.gid,
        dev: found.dev,
        ino: found.ino,
        nlink: found.nlink,
      };
    } catch (error) {
      throw fsError(path, error);
    }
  }

  return {
    beginTick: shared.clear,
    readText,
    readTextIfPresent: (path) => orNull(readText(path)),
    async list(path) {
      try {
        if (isKernelFile(path))
          return [...shared.read(`list ${path}`, () => readdirSync(hostPath(root, path)).sort())];
        return (await readdir(hostPath(root, path))).sort();
      } catch (error) {
        throw fsError(path, error);
      }
    },
    exists: async (path) => (await orNull(stat(path))) !== null,
    stat,
    async readLink(path) {
      try {
        const place = hostPath(root, path, true);
        return isKernelFile(path) ? readlinkSync(place) : await readlink(place);
      } catch (error) {
        throw fsError(path, error);
      }
    },
    usage: createUsage(root, askKernel),
  };
}
