import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBun } from "./bun.mjs";
import { runCaptured } from "./run.mjs";
import { Problem, rootDir, say } from "./say.mjs";

const modules = join(rootDir, "node_modules");
const setAside = join(rootDir, ".bun", "npm-tree");
const stampFile = join(modules, ".cortex-lock");

/**
 * Bring node_modules in line with bun.lock; a no-op when its stamp says that it is. Returns the Bun to go on with,
 * since the one given may lie in a tree that is replaced.
 */
export async function installDependencies(bun, version) {
  const wanted = lockHash();
  const madeByNpm = existsSync(join(modules, ".package-lock.json"));
  if (!madeByNpm && existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return bun;

  say("installing the dependencies of bun.lock …");
  let installer = bun;
  // `npm install` resolves other versions than bun.lock and leaves nested copies behind: its tree is replaced whole.
  if (madeByNpm) {
    rmSync(setAside, { recursive: true, force: true });
    renameSync(modules, setAside);
    if (bun.startsWith(modules)) installer = join(setAside, bun.slice(modules.length));
  }
  const { code, text } = await runCaptured(installer, ["install", "--frozen-lockfile"]);
  if (code !== 0) throw new Problem(explain(text));
  rmSync(setAside, { recursive: true, force: true });
  writeFileSync(stampFile, wanted);
  return findBun(version) ?? bun;
}

function lockHash() {
  const hash = createHash("sha256");
  for (const name of ["package.json", "bun.lock"]) hash.update(readFileSync(join(rootDir, name)));
  return hash.digest("hex");
}

function explain(text) {
  const reason = text.match(/error: (.+)/)?.[1] ?? text.trim().split("\n").at(-1);
  if (/frozen/i.test(text)) {
    return `package.json and bun.lock do not fit together (${reason}): run \`.bun/bin/bun install\` and commit bun.lock.`;
  }
  return `could not install the dependencies (${reason}): check the network or the proxy settings, then run the command again.`;
}
