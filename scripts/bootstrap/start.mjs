import { join } from "node:path";
import { build } from "./build.mjs";
import { runForeground } from "./run.mjs";
import { rootDir } from "./say.mjs";

/** Build what changed, then become the program: agent, Monitor and dashboard in one process. */
export async function start(bun, args) {
  const code = await build(bun, ["--if-changed"]);
  if (code !== 0) return code;
  return runForeground(join(rootDir, "dist", "cortex"), ["up", ...args], programEnvironment(bun.env));
}

/**
 * The environment of the person who starts it, less everything that steers a runtime instead of Cortex: a compiled
 * program still obeys BUN_OPTIONS and BUN_BE_BUN, and npm's own variables only confuse.
 */
export function programEnvironment(env) {
  const steering = /^(BUN_|LD_|DYLD_|npm_)|^(INIT_CWD|NODE|NODE_OPTIONS|NODE_PATH)$/;
  const kept = Object.entries(env).filter(([name]) => !steering.test(name));
  const path = (env.PATH ?? "")
    .split(":")
    .filter((dir) => !dir.startsWith(rootDir) && !dir.includes("node-gyp-bin"));
  return { ...Object.fromEntries(kept), PATH: path.join(":") };
}
