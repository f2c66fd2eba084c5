/** Through a tree by handles: each directory is opened below the one before it, and no link or other mount is followed. */
import { closeSync } from "node:fs";
import { RESOLVE, type Syscalls } from "./syscalls.ts";

export const INSIDE = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS | RESOLVE.NO_XDEV;

/** Directories and files looked at between two turns of the event loop. */
const STEP = 500;

/** Nothing more of this entry; the end of the walk; or into it, where `enter` is told when it can't be opened. */
export type Step = void | "stop" | { enter: (errno: number) => void };

/** Depth first, by handles; at most one open directory per level. `visit` says what to do with each entry. */
export async function walk(
  sys: Syscalls,
  rootFd: number,
  visit: (fd: number, entry: { name: string; type: number }, path: string, depth: number) => Promise<Step>,
): Promise<void> {
  const read = (fd: number) => {
    const found = sys.readDirectory(fd);
    return typeof found === "number" ? [] : found;
  };
  const levels = [{ fd: rootFd, path: "", entries: read(rootFd).values() }];
  try {
    while (levels.length > 0) {
      const level = levels.at(-1)!;
      const next = level.entries.next();
      if (next.done) {
        levels.pop();
        if (level.fd !== rootFd) closeSync(level.fd);
        continue;
      }
      const path = level.path === "" ? next.value.name : `${level.path}/${next.value.name}`;
      const step = await visit(level.fd, next.value, path, levels.length);
      if (step === "stop") return;
      if (typeof step !== "object") continue;
      const fd = sys.openDirectory(level.fd, next.value.name, INSIDE);
      if (fd < 0) step.enter(fd);
      else levels.push({ fd, path, entries: read(fd).values() });
    }
  } finally {
    for (const { fd } of levels) if (fd !== rootFd) closeSync(fd);
  }
}

/** Let other work run from time to time, and stop when the caller does. */
export function createTurns(signal?: AbortSignal): () => Promise<void> | undefined {
  let count = 0;
  return () => {
    signal?.throwIfAborted();
    count += 1;
    return count % STEP === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  };
}
