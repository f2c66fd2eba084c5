/**
 * What `npm start`, `npm test` and `npm run build` call. Needs Node 20 and npm, nothing else: it brings the pinned Bun,
 * installs the dependencies of bun.lock and hands over to Bun. Plain Node without packages, because it runs before any
 * package is there.
 */
import { basename } from "node:path";
import { bunOnPath, findBun, installBun, pinnedBun } from "./bootstrap/bun.mjs";
import { installDependencies } from "./bootstrap/dependencies.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import { Problem, rootDir, say } from "./bootstrap/say.mjs";
import { build } from "./bootstrap/build.mjs";
import { start } from "./bootstrap/start.mjs";
import { runTests } from "./bootstrap/test.mjs";

/** `install` only prepares: a layer of the container image, or a cache of CI. */
const TASKS = { start, test: runTests, build, install: async () => 0 };
const USAGE = `usage: node scripts/${basename(import.meta.url)} ${Object.keys(TASKS).join(" | ")} [options]`;

async function main([name, ...args]) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    throw new Problem(
      `Node ${process.versions.node} is too old: install Node 20 or newer, then run the command again.`,
    );
  }
  const task = Object.hasOwn(TASKS, name ?? "") ? TASKS[name] : null;
  if (!task) throw new Problem(USAGE, 64);
  process.chdir(rootDir);
  // Meant for somebody's own scripts; here they would change what every Bun below does.
  for (const name of ["BUN_OPTIONS", "BUN_BE_BUN"]) delete process.env[name];

  const bun = await withLock(async () => {
    const version = pinnedBun();
    const found = findBun(version) ?? (await installBun(version));
    return bunOnPath(await installDependencies(found, version));
  });
  return task(bun, args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
