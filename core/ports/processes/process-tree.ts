/** What one process and all it started use together, read from /proc. */
import { readFileSync } from "node:fs";

export interface TreeUsage {
  processes: number;
  /** Memory of its own, not shared with others or with files. */
  anonymousBytes: number;
}

const MAX_PROCESSES = 1000;

export function readTree(pid: number): TreeUsage {
  const usage: TreeUsage = { processes: 0, anonymousBytes: 0 };
  const pending = [pid];
  while (pending.length > 0 && usage.processes < MAX_PROCESSES) {
    const one = pending.pop()!;
    const status = textOf(`/proc/${one}/status`);
    if (status === "") continue;
    usage.processes += 1;
    usage.anonymousBytes += Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    pending.push(...textOf(`/proc/${one}/task/${one}/children`).split(" ").filter(Boolean).map(Number));
  }
  return usage;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
