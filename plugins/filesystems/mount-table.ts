/** The host's mounts, read once per run and worked out again only when they changed. */
import type { HostFs, Skipped } from "cortex";
import { isCortexError } from "cortex";
import { type Mount, parseMountInfo } from "../common/proc/mountinfo.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { type FileSystem, selectFileSystems, type Selection, visibleMounts } from "./select.ts";

export interface MountTable {
  /** Everything visible, by mount point, pseudo file systems included. */
  mounts: Map<string, Mount>;
  fileSystems: FileSystem[];
}

export type ReadMountTable = () => Promise<MountTable | Skipped>;

/**
 * Process 1 sees the host's mounts; a sandboxed service (ProtectSystem=, PrivateTmp=) sees its own, where /usr is read-only
 * although nothing is wrong. Ordinary users may not look at process 1 and are rarely sandboxed.
 */
async function readMountInfo(fs: HostFs): Promise<string | Skipped> {
  const first = await readOrSkip(fs, "/proc/1/mountinfo", "absent");
  if (!isSkipped(first)) return first;
  return readOrSkip(
    fs,
    "/proc/self/mountinfo",
    "no /proc/self/mountinfo: the host's /proc is not mounted below host_root",
  );
}

/** Containers have single files mounted over /etc/hosts and others: no file systems of theirs. */
async function isDirectory(fs: HostFs, fileSystem: FileSystem): Promise<boolean> {
  if (!fileSystem.bind || fileSystem.network) return true;
  try {
    return (await fs.stat(fileSystem.mountPoint)).kind === "directory";
  } catch (error) {
    return isCortexError(error) && error.code === "fs.denied";
  }
}

export function createMountTable(fs: HostFs, selection: Selection): ReadMountTable {
  let known: { text: string; table: MountTable } | null = null;
  return async () => {
    const text = await readMountInfo(fs);
    if (isSkipped(text)) return text;
    if (known?.text === text) return known.table;
    const mounts = parseMountInfo(text);
    const candidates = selectFileSystems(mounts, selection);
    const real = await Promise.all(candidates.map((candidate) => isDirectory(fs, candidate)));
    const table = {
      mounts: visibleMounts(mounts),
      fileSystems: candidates.filter((_, index) => real[index]),
    };
    known = { text, table };
    return table;
  };
}
