/** Paths of the inspected host below `host_root`, which is another folder when the host is mounted in a container. */
import { readlinkSync } from "node:fs";
import { join, normalize } from "node:path";

/** As the kernel: more symlinks than this in one path is a loop (ELOOP). */
const MAX_LINKS = 40;

function readLinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/**
 * The real place of a host path. Below another root, an absolute symlink (`/etc/os-release` → `/usr/lib/os-release`)
 * means the host's file and not ours, so links are followed by hand as chroot would. `keepLast` leaves the last
 * component alone, for lstat and readlink.
 */
export function hostPath(root: string, path: string, keepLast = false): string {
  if (root === "/") return normalize(`/${path}`);
  const pending = normalize(`/${path}`).split("/").filter(Boolean);
  let resolved: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.shift()!;
    if (part === "..") {
      resolved.pop();
      continue;
    }
    const here = join(root, ...resolved, part);
    const target = keepLast && pending.length === 0 ? null : readLinkOrNull(here);
    if (target === null || ++links > MAX_LINKS) {
      resolved.push(part);
      continue;
    }
    if (target.startsWith("/")) resolved = [];
    pending.unshift(...target.split("/").filter((name) => name !== "" && name !== "."));
  }
  return join(root, ...resolved);
}
