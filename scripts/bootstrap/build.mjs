import { withLock } from "./lock.mjs";
import { runForeground } from "./run.mjs";

/** scripts/build.ts under the pinned Bun; resolves with its exit code. */
export async function build(bun, args) {
  return withLock(() => runForeground(bun.path, ["scripts/build.ts", ...args], bun.env));
}
