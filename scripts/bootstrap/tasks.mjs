import { join } from "node:path";
import { runForeground } from "./run.mjs";
import { rootDir } from "./say.mjs";

/** Build what changed, then become the program: agent, Monitor and dashboard in one process. */
export async function start(bun, args) {
  const code = await runForeground(bun.path, ["scripts/build.ts", "--if-changed"], bun.env);
  if (code !== 0) return code;
  return runForeground(join(rootDir, "dist", "cortex"), ["up", ...args], programEnvironment(bun.env));
}

export async function build(bun, args) {
  return runForeground(bun.path, ["scripts/build.ts", ...args], bun.env);
}

export { runTests as test } from "./test.mjs";

/**
 * The environment of the person who starts it, less everything that steers a runtime instead of Cortex: a compiled
 * program still obeys BUN_OPTIONS and BUN_BE_BUN, and npm's own variables only confuse.
 */
export function programEnvironment(env) {
  const steering = /^(BUN_|NODE_|LD_|DYLD_|npm_)|^(INIT_CWD|NODE)$/;
  const kept = Object.entries(env).filter(([name]) => !steering.test(name));
  const path = (env.PATH ?? "")
    .split(":")
    .filter((dir) => !dir.startsWith(rootDir) && !dir.includes("node-gyp-bin"));
  return { ...Object.fromEntries(kept), PATH: path.join(":") };
}
