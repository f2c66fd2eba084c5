/**
 * `bun scripts/delete-each-plugin.ts [NAME…]`: a plugin is a folder you can delete. For each one: the tree without it,
 * `gen`, and the type check must pass. One line each.
 */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryFile, pluginFolders } from "./gen/registry.ts";
import { writeFiles } from "./gen/files.ts";
import { run, runOrThrow } from "./lib/run.ts";
import { fail } from "./lib/say.ts";
import { rootDir } from "./lib/tree.ts";

/** What the type check reads; tests go along, since they must not lean on another plugin either. */
const PARTS = [
  "agent",
  "config",
  "core",
  "plugins",
  "scripts",
  "ui",
  "package.json",
  "tsconfig.json",
  "bunfig.toml",
];

const wanted = process.argv.slice(2);
const folders = pluginFolders();
const unknown = wanted.find((name) => !folders.includes(name));
if (unknown) fail(`there is no plugin "${unknown}".`);
if (folders.length === 0) fail("no plugins found: nothing was tried.");

const tree = await mkdtemp(join(tmpdir(), "cortex-without-"));
let failed = 0;
try {
  for (const part of PARTS) await copy(join(rootDir, part), tree);
  await symlink(join(rootDir, "node_modules"), join(tree, "node_modules"));
  const whole = await typeErrors();
  // Else every plugin would be blamed for it.
  const tried = whole !== null ? [] : wanted.length > 0 ? wanted : folders;
  if (whole !== null) {
    failed++;
    process.stdout.write(`failed  with all plugins: nothing was tried\n${whole}\n`);
  }
  for (const folder of tried) {
    const startedAt = performance.now();
    const complaint = await without(folder);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      `${complaint === null ? "ok    " : "failed"}  without ${folder.padEnd(24)} ${seconds} s\n`,
    );
    if (complaint === null) continue;
    failed++;
    process.stdout.write(`${complaint}\n`);
  }
} finally {
  await rm(tree, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);

/** What the tools said about the tree without this plugin, or null when it holds. */
async function without(folder: string): Promise<string | null> {
  const plugin = join(tree, "plugins", folder);
  await rm(plugin, { recursive: true });
  try {
    await writeFiles([await registryFile(tree)], tree);
    return await typeErrors();
  } finally {
    await copy(join(rootDir, "plugins", folder), join(tree, "plugins"));
  }
}

async function typeErrors(): Promise<string | null> {
  const { exitCode, output } = await run([process.execPath, "check", "--no-script"], tree);
  return exitCode === 0 ? null : output.trim();
}

/** Cheap on file systems that can share blocks, a plain copy elsewhere. */
async function copy(from: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  await runOrThrow(["cp", "-a", "--reflink=auto", from, into], `copying ${from}`);
}
