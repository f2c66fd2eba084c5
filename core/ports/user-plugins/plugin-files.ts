/**
 * The files of one user's plugin, read once: the same bytes are judged, hashed and run. A file that is swapped between two
 * looks would otherwise be allowed as one and run as another.
 */
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface PluginBundle {
  /** `index.ts` or `index.js`. */
  entry: string;
  /** Path below the folder → text, of all that can run: no prose, no test cases. */
  files: Record<string, string>;
  /** Path below the folder → SHA-256, hex. */
  hashes: Record<string, string>;
}

const MAX_FILES = 200;
const MAX_DEPTH = 4;
const MAX_BYTES = 2 * 2 ** 20;
const CODE = /\.(ts|tsx|mts|js|mjs|jsx|json)$/;

export const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Paths below the folder of everything in it but `node_modules`, sorted. */
export function filesBelow(folder: string, depth = MAX_DEPTH, below = ""): string[] {
  if (depth === 0) return [];
  const files: string[] = [];
  for (const name of namesIn(join(folder, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    if (name === "node_modules") continue;
    if (kindOf(join(folder, path)) === "directory") files.push(...filesBelow(folder, depth - 1, path));
    else files.push(path);
    if (files.length >= MAX_FILES) break;
  }
  return files;
}

/**
 * As sshd does with keys: what others can write is not run. Each folder and file must belong to root or to the user
 * Cortex runs as, and be writable by nobody else. A symlink could point anywhere, so none is followed. Rights are read
 * from the open file, so that they are those of the bytes.
 */
export function readPlugin(dir: string, name: string): PluginBundle | { refused: string } {
  const folder = join(dir, name);
  for (const path of [dir, folder]) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    const refused = stat === undefined ? `${path} is gone` : refusalOf(path, stat);
    if (refused !== null) return { refused };
  }
  const paths = filesBelow(folder);
  const entry = ["index.ts", "index.js"].find((one) => paths.includes(one));
  if (entry === undefined) return { refused: `${folder} has neither index.ts nor index.js` };
  const bundle: PluginBundle = { entry, files: {}, hashes: {} };
  let bytes = 0;
  for (const path of paths) {
    const read = readOne(join(folder, path));
    if (typeof read === "string") return { refused: read };
    bytes += read.length;
    if (bytes > MAX_BYTES) return { refused: `${folder} holds more than 2 MiB; move data elsewhere` };
    if (!CODE.test(path) || path.startsWith("testcases/")) continue;
    bundle.hashes[path] = sha256(read);
    bundle.files[path] = read.toString("utf8");
  }
  return bundle;
}

function readOne(path: string): Buffer | string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as { code?: string }).code;
    return code === "ELOOP"
      ? `${path} is a symlink; copy the file instead`
      : `${path} can't be read (${code})`;
  }
  try {
    const stat = fstatSync(fd);
    const refused = refusalOf(path, stat);
    if (refused !== null) return refused;
    if (!stat.isFile()) return `${path} is no file`;
    return stat.size > MAX_BYTES ? `${path} is larger than 2 MiB` : readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Why a file or folder of a plugin may not be trusted, with what to run; null when it may. */
export function refusalOf(
  path: string,
  stat: { uid: number; mode: number; isSymbolicLink(): boolean },
): string | null {
  const uid = process.getuid?.() ?? 0;
  if (stat.isSymbolicLink()) return `${path} is a symlink; copy the file instead`;
  if (stat.uid !== 0 && stat.uid !== uid)
    return `${path} belongs to user ${stat.uid}; run: chown ${uid} ${path}`;
  if ((stat.mode & 0o022) !== 0) return `others can write ${path}; run: chmod go-w ${path}`;
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function kindOf(path: string): "directory" | "other" {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? "directory" : "other";
}
