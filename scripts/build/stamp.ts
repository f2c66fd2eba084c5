/** Which sources a binary was built from, so that `npm start` builds only what changed. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { rootDir, sourceFiles } from "../lib/tree.ts";

/** What goes into the whole program; the dashboard alone takes only `ui`, and is not built again for the others. */
export const PROGRAM = ["agent", "config", "core", "plugins", "ui"];
export const DASHBOARD = ["ui"];
const ALWAYS = ["bun.lock", "bunfig.toml", "package.json", "tsconfig.json", "scripts/build.ts"];

/** Hash over names and contents of what is built from; tests and prose don't count. */
export async function sourceHash(folders: string[], tree = rootDir): Promise<string> {
  const builders = sourceFiles(["scripts/build"], "**/*", tree);
  const sources = sourceFiles(folders, "**/*", tree).filter((path) => !/\.test\.tsx?$|\.md$/.test(path));
  const hash = new Bun.CryptoHasher("sha256");
  for (const path of [...sources, ...builders, ...ALWAYS].filter((path) => existsSync(join(tree, path)))) {
    hash.update(`${path}\0`);
    hash.update(await Bun.file(join(tree, path)).arrayBuffer());
  }
  return hash.digest("hex");
}

/** In dist/, never beside what it describes: ui/dist goes into the binary as it is. */
function stampFile(product: string): string {
  return product === "dist/cortex" ? "dist/.stamp" : `dist/.stamp-${product.replaceAll(/[^a-z0-9]+/gi, "-")}`;
}

export async function isFresh(product: string, hash: string, tree = rootDir): Promise<boolean> {
  const stamp = Bun.file(join(tree, stampFile(product)));
  return existsSync(join(tree, product)) && (await stamp.exists()) && (await stamp.text()) === hash;
}

export async function writeStamp(product: string, hash: string, tree = rootDir): Promise<void> {
  await mkdir(join(tree, "dist"), { recursive: true });
  await Bun.write(join(tree, stampFile(product)), hash);
}
