/** Folders of users' plugins on disk: what is there, whether it may be trusted, and when it changed. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface UserPluginFolder {
  name: string;
  /** `index.ts` or `index.js`. */
  file: string;
  /** Changes with every edit of a file in it. */
  signature: string;
  /** Why it may not be loaded, with what to do; null when it may. */
  refused: string | null;
}

const MAX_FILES = 200;
const MAX_DEPTH = 4;

/** Every folder that looks like a plugin, sorted; none when the folder is absent or may not be read. */
export function findUserPlugins(dir: string): UserPluginFolder[] {
  return entriesOf(dir)
    .filter((name) => /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    .sort()
    .flatMap((name) => {
      const folder = join(dir, name);
      const files = filesBelow(folder, MAX_DEPTH);
      const file = ["index.ts", "index.js"]
        .map((one) => join(folder, one))
        .find((one) => files.includes(one));
      if (file === undefined) return [];
      return [{ name, file, signature: signatureOf(files), refused: refusalOf([dir, folder, ...files]) }];
    });
}

/**
 * As sshd does with keys: what others can write is not run. Each folder and file must belong to root or to the user
 * Cortex runs as, and be writable by nobody else. A symlink could point anywhere, so none is followed.
 */
function refusalOf(paths: readonly string[]): string | null {
  const uid = process.getuid?.() ?? 0;
  for (const path of paths) {
    const stat = lstatOrNull(path);
    if (stat === null) continue;
    if (stat.isSymbolicLink()) return `${path} is a symlink; copy the file instead`;
    if (stat.uid !== 0 && stat.uid !== uid)
      return `${path} belongs to user ${stat.uid}; run: chown ${uid} ${path}`;
    if ((stat.mode & 0o022) !== 0) return `others can write ${path}; run: chmod go-w ${path}`;
  }
  return null;
}

function filesBelow(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  const files: string[] = [];
  for (const name of entriesOf(folder)) {
    const path = join(folder, name);
    const stat = lstatOrNull(path);
    if (stat === null || name === "node_modules") continue;
    if (stat.isDirectory()) files.push(...filesBelow(path, depth - 1));
    else files.push(path);
    if (files.length >= MAX_FILES) break;
  }
  return files;
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
