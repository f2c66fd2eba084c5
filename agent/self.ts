/** How to start this very program again: the compiled binary alone, or the runtime with the source file. */
import { resolve } from "node:path";

export interface Self {
  argv: string[];
  /** What it needs to read to start, besides the system's libraries. */
  readable: string[];
}

export function self(): Self {
  const entry = process.argv[1] ?? "";
  if (entry.startsWith("/$bunfs/") || !entry.endsWith(".ts"))
    return { argv: [process.execPath], readable: [process.execPath] };
  return {
    argv: [process.execPath, resolve(entry)],
    readable: [process.execPath, resolve(import.meta.dir, "..")],
  };
}
