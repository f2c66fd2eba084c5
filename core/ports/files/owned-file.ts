/**
 * Files that a process of root may believe: nobody but their owner could have written them, or any folder above them. Rights
 * are read from the open file, and no symbolic link is followed on the way.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineErrors, messageOf } from "cortex";

const errors = defineErrors("file", {
  missing: "not_found",
  untrusted: "forbidden",
  unreadable: "unavailable",
});

const MAX_BYTES = 256 * 1024;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Throws `file.untrusted` unless `path` is a folder in which only `uid` (or root) can put things, up to the root. */
export function assertOwnedFolder(path: string, uid: number): void {
  for (let folder = path; ; folder = dirname(folder)) {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat === undefined) throw errors.missing(`${folder} does not exist`);
    const isShared = (stat.mode & WRITABLE_BY_OTHERS) !== 0 && (stat.mode & STICKY) === 0;
    if (!stat.isDirectory()) throw errors.untrusted(`${folder} is no folder of its own`);
    if (![0, uid].includes(stat.uid) || isShared)
      throw errors.untrusted(`others can write ${folder}; run: chown root ${folder} && chmod go-w ${folder}`);
    if (folder === "/") return;
  }
}

/** The text, when nobody but `uid` or root can have written it. Errors: `file.missing`, `file.untrusted`, `file.unreadable`. */
export function readOwnedFile(path: string, uid: number): string {
  assertOwnedFolder(dirname(path), uid);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT") throw errors.missing(`${path} does not exist`);
    if (code === "ELOOP") throw errors.untrusted(`${path} is a symbolic link; put the file itself there`);
    throw errors.unreadable(`${path} can't be read: ${messageOf(error)}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MAX_BYTES) throw errors.untrusted(`${path} is no small regular file`);
    if (![0, uid].includes(stat.uid) || (stat.mode & WRITABLE_BY_OTHERS) !== 0)
      throw errors.untrusted(`others can write ${path}; run: chown root ${path} && chmod go-w ${path}`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/** Names in such a folder that end in `ending`, sorted; none when the folder does not exist. */
export function listOwnedFolder(path: string, uid: number, ending: string): string[] {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
  assertOwnedFolder(path, uid);
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(path, name));
}
