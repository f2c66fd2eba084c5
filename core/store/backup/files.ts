/** Files of a backup: hashed, copied and written without ever following a link. */
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { formatBytes } from "cortex";
import { backupErrors } from "../../domain/backup.ts";
import { codeOf, storeError } from "../errors.ts";

const BLOCK_BYTES = 2 ** 20;
/** A manifest has at most three files and a few keys. */
const MAX_MANIFEST_BYTES = 256 * 2 ** 10;

/** Size and hash of a regular file; with `copyTo`, of exactly those bytes that were written there (0600, durably). */
export function hashFile(path: string, copyTo?: string): { bytes: number; sha256: string } {
  const from = openRegular(path);
  let to: number | null = null;
  try {
    to = copyTo === undefined ? null : openSync(copyTo, "wx", 0o600);
    const hash = createHash("sha256");
    const block = new Uint8Array(BLOCK_BYTES);
    let bytes = 0;
    for (let read = readSync(from, block); read > 0; read = readSync(from, block)) {
      const part = block.subarray(0, read);
      hash.update(part);
      for (let written = 0; to !== null && written < read;)
        written += writeSync(to, part, written, read - written);
      bytes += read;
    }
    if (to !== null) fsyncSync(to);
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    throw storeError(error, copyTo ?? path);
  } finally {
    closeSync(from);
    if (to !== null) closeSync(to);
  }
}

/** The text of a small file. */
export function readSmall(path: string): string {
  const fd = openRegular(path);
  try {
    const size = fstatSync(fd).size;
    if (size > MAX_MANIFEST_BYTES)
      throw backupErrors.damaged(`${path} is larger than any manifest; this is no backup of Cortex`);
    const content = new Uint8Array(size);
    let read = 0;
    for (let more = 1; more > 0 && read < size; read += more)
      more = readSync(fd, content, read, size - read, null);
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof TypeError) throw backupErrors.damaged(`${path} is damaged: it is no text`);
    throw storeError(error, path);
  } finally {
    closeSync(fd);
  }
}

function openRegular(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw backupErrors.damaged(`${path} is missing`);
    if (codeOf(error) === "ELOOP") throw backupErrors.damaged(`${path} is a symbolic link`);
    throw storeError(error, path);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw backupErrors.damaged(`${path} is no regular file`);
}

/** A folder only this user can look into; made if it is not there. Errors: those of the file system. */
export function privateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!lstatSync(path).isDirectory()) throw backupErrors.failed(`${path} is no folder`);
  } catch (error) {
    throw storeError(error, path);
  }
}

/** What a file system keeps free for others, where it also holds the live databases. */
const SPARE_BYTES = 32 * 2 ** 20;

/** A full disk would stop the live database too: so it is never filled. Errors: `backup.no_space`. */
export function assertSpace(folder: string, bytes: number, dataDir: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const spare = statSync(folder).dev === statSync(dataDir).dev ? SPARE_BYTES : 2 ** 20;
  const free = bavail * bsize;
  if (free >= bytes * 1.05 + spare) return;
  throw backupErrors.no_space(
    `${folder} has ${formatBytes(free)} free, ${formatBytes(bytes + spare)} are needed: free space there, or set backup.folder to another file system`,
    { details: { free, needed: bytes + spare } },
  );
}
