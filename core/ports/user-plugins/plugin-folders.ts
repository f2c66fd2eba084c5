/** Folders of users' plugins on disk: what is there, whether it may be trusted, and when it changed. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, refusalOf } from "./plugin-files.ts";

export interface UserPluginFolder {
  name: string;
  /** The folder that holds it. */
  dir: string;
  /** Changes with every edit of a file in it. */
  signature: string;
  /** Why it may not be loaded, with what to do; null when it may. */
  refused: string | null;
}

/** Every folder that looks like a plugin, sorted; none when the folder is absent or may not be read. */
export function findUserPlugins(dir: string): UserPluginFolder[] {
  return entriesOf(dir)
    .filter((name) => /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    .sort()
    .flatMap((name) => {
      const folder = join(dir, name);
      const files = filesBelow(folder);
      if (!files.includes("index.ts") && !files.includes("index.js")) return [];
      const paths = files.map((file) => join(folder, file));
      return [{ name, dir, signature: signatureOf(paths), refused: firstRefusal([dir, folder, ...paths]) }];
    });
}

function firstRefusal(paths: readonly string[]): string | null {
  for (const path of paths) {
    const stat = lstatOrNull(path);
    const refused = stat === null ? null : refusalOf(path, stat);
    if (refused !== null) return refused;
  }
  return null;
}

function signatureOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = lstatOrNull(file);
      return stat === null ? file : `${file}:${stat.ino}:${stat.size}:${stat.mtimeMs}`;
    })
    .join("|");
}

function entriesOf(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function lstatOrNull(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
