/** Which sources a binary was built from, so that `npm start` builds only what changed. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rootDir, sourceFiles } from "../lib/tree.ts";

const FOLDERS = ["agent", "config", "core", "plugins", "scripts/build", "ui"];
const FILES = ["bun.lock", "bunfig.toml", "package.json", "scripts/build.ts", "tsconfig.json"];

/** Hash over names and contents of all that goes into the binary; tests and prose don't. */
export async function sourceHash(tree = rootDir): Promise<string> {
  const sources = sourceFiles(FOLDERS, "**/*", tree).filter((path) => !/\.test\.tsx?$|\.md$/.test(path));
  const hash = new Bun.CryptoHasher("sha256");
  for (const path of [...sources, ...FILES].filter((path) => existsSync(join(tree, path)))) {
    hash.update(`${path}\0`);
    hash.update(await Bun.file(join(tree, path)).arrayBuffer());
  }
  return hash.digest("hex");
}

/** `dist/.stamp` for dist/cortex, `dist/.stamp-cortex-faults` for the others. */
function stampFile(outfile: string): string {
  const name = basename(outfile);
  return join(dirname(outfile), name === "cortex" ? ".stamp" : `.stamp-${name}`);
}

export async function isFresh(outfile: string, hash: string): Promise<boolean> {
  const stamp = Bun.file(stampFile(outfile));
  return existsSync(outfile) && (await stamp.exists()) && (await stamp.text()) === hash;
}

export async function writeStamp(outfile: string, hash: string): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  await Bun.write(stampFile(outfile), hash);
}
