/**
 * A folder as the host's root. What git or a test machine can't hold is data beside the files:
 * - `.links.json` `{ "/proc/12/exe": "/usr/bin/nginx" }`: answers of readLink; the links are listed and exist.
 * - `.denied.json` `["/proc/12"]`: these paths and all below throw `fs.denied`.
 * - `.usage.json` `{ "/var": FsUsage | "timeout" }`: answers of `usage`.
 * - `.stat.json` `{ "/dev/sda": { "kind": "block" } }`: fields of `stat`; the entry exists without a file.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { CortexError } from "cortex";
import type { Clock, FileStat, FsUsage, HostFs } from "cortex";
import { createHostFs } from "../ports/files/host-fs.ts";

const DATA_FILES = [".links.json", ".denied.json", ".usage.json", ".stat.json"];

function readData<T>(dir: string, name: string, fallback: T): T {
  const path = join(dir, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : fallback;
}

const notFound = (path: string) => new CortexError("fs.not_found", "not_found", `${path} does not exist`);

/** Without a folder the host is empty. With a clock, files without `.stat.json` were modified "now". */
export function createRootFs(dir = "/nonexistent-host-root", clock?: Clock): HostFs {
  const real = createHostFs(dir);
  const links = readData<Record<string, string>>(dir, ".links.json", {});
  const denied = readData<string[]>(dir, ".denied.json", []);
  const usages = readData<Record<string, FsUsage | "timeout">>(dir, ".usage.json", {});
  const stats = readData<Record<string, Partial<FileStat>>>(dir, ".stat.json", {});
  const virtual = [...Object.keys(links), ...Object.keys(stats)];

  function allowed(path: string): string {
    const clean = normalize(`/${path}`).replace(/(.)\/$/, "$1");
    if (denied.some((prefix) => clean === prefix || clean.startsWith(`${prefix}/`)))
      throw new CortexError("fs.denied", "forbidden", `${clean} may not be read with these rights`);
    return clean;
  }
  /** Names directly below a path that exist only as data. */
  const virtualNames = (path: string) => {
    const prefix = path === "/" ? "/" : `${path}/`;
    return virtual
      .filter((entry) => entry.startsWith(prefix))
      .map((entry) => entry.slice(prefix.length).split("/")[0]!);
  };
  // The tick is the test's business: each read sees the folder as it is.
  const fresh = () => (real.beginTick(), real);

  async function stat(path: string): Promise<FileStat> {
    const clean = allowed(path);
    const given = stats[clean] ?? (links[clean] === undefined ? undefined : { kind: "symlink" as const });
    const folder = virtualNames(clean).length > 0 ? { kind: "directory" as const } : undefined;
    const base = { sizeBytes: 0, mode: 0o644, uid: 0, gid: 0, dev: 1, ino: 1, nlink: 1 };
    const found = await fresh()
      .stat(clean)
      .catch((error: CortexError) => {
        if (error.code !== "fs.not_found" || (given ?? folder) === undefined) throw error;
        return { ...base, kind: "file" as const, modifiedAt: clock?.now() ?? 0 };
      });
    return { ...found, modifiedAt: clock?.now() ?? found.modifiedAt, ...folder, ...given };
  }

  return {
    readText: async (path) => fresh().readText(allowed(path)),
    readTextIfPresent: async (path) => fresh().readTextIfPresent(allowed(path)),
    async list(path) {
      const clean = allowed(path);
      const extra = virtualNames(clean);
      const found = await fresh()
        .list(clean)
        .catch((error: CortexError) => {
          if (error.code === "fs.not_found" && (extra.length > 0 || stats[clean]?.kind === "directory"))
            return [];
          throw error;
        });
      const names = clean === "/" ? found.filter((name) => !DATA_FILES.includes(name)) : found;
      return [...new Set([...names, ...extra])].sort();
    },
    exists: (path) =>
      stat(path).then(
        () => true,
        (error: CortexError) => {
          if (error.code === "fs.not_found") return false;
          throw error;
        },
      ),
    stat,
    async readLink(path) {
      const clean = allowed(path);
      return links[clean] ?? (await fresh().readLink(clean));
    },
    async usage(path, timeoutMs = 2000) {
      const answer = usages[allowed(path)];
      if (answer === undefined) throw notFound(`${path} (in ${basename(dirname(dir))}/.usage.json)`);
      if (answer === "timeout")
        throw new CortexError("fs.timeout", "timeout", `${path} did not answer within ${timeoutMs} ms`);
      return answer;
    },
  };
}
