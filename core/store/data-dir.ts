/** The data folder: its layout, its rights, its lock, and the ballast for a full disk. */
import { Database } from "bun:sqlite";
import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { messageOf } from "cortex";
import { syncPath } from "./durable.ts";
import { codeOf, storeError, storeErrors } from "./errors.ts";

export interface DataDir {
  root: string;
  agentDb: string;
  monitorDb: string;
  metricsDb: string;
  keys: string;
  services: string;
  backups: string;
  socket: string;
}

/**
 * Make the folder and those in it (0700), or check what is there: it must belong to the user Cortex runs as and be
 * writable. Rights of others are taken away. Errors: `store.data_dir`, saying what to run.
 */
export function prepareDataDir(path: string): DataDir {
  const root = resolve(path);
  const dir: DataDir = {
    root,
    agentDb: join(root, "agent.db"),
    monitorDb: join(root, "monitor.db"),
    metricsDb: join(root, "metrics.db"),
    keys: join(root, "keys"),
    services: join(root, "services"),
    backups: join(root, "backups"),
    socket: join(root, "cortex.sock"),
  };
  for (const folder of [root, dir.keys, dir.services, dir.backups]) prepareFolder(folder);
  return dir;
}

export function prepareFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = statSync(path);
    const uid = process.getuid?.() ?? stat.uid;
    if (stat.uid !== uid)
      throw storeErrors.data_dir(
        `the data folder ${path} belongs to user ${stat.uid}, Cortex runs as ${uid}; run it as that user, or: chown -R ${uid} ${path}`,
      );
    if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (codeOf(error).startsWith("store.")) throw error;
    throw storeErrors.data_dir(`the data folder ${path} can't be used: ${adviceFor(error, path)}`, {
      cause: error,
    });
  }
}

function adviceFor(error: unknown, path: string): string {
  switch (codeOf(error)) {
    case "EROFS":
      return `its file system is mounted read-only; remount it rw, or set data_dir to another folder`;
    case "EACCES":
    case "EPERM":
      return `this user has no right to it; run: chown $(id -u) ${path} && chmod 700 ${path}, or set data_dir`;
    case "EEXIST":
    case "ENOTDIR":
      return `there is a file where a folder should be; move it away, or set data_dir`;
    case "ENOSPC":
    case "EDQUOT":
      return `the disk is full; free space, or set data_dir to another file system`;
    default:
      return `${messageOf(error)}; set data_dir to a folder that this user can write`;
  }
}

export interface DataLock {
  release(): void;
}

/** A lock whose holder lets go of it by mistake would be lost with the next garbage collection. */
const held = new Set<Database>();

/**
 * Take the folder's exclusive lock, or throw `store.locked` naming the process that has it after `waitMs` of waiting.
 *
 * The lock is an open EXCLUSIVE transaction of SQLite on the empty `lock.db`, which is a POSIX record lock of the kernel.
 * It ends with the process, however that ends. Unlike flock it is not inherited, so supervised children that outlive
 * Cortex do not keep the folder locked; and it needs neither bun:ffi nor the name of a C library, so the musl build and
 * small systems have it too. Nothing is ever written, so that it also works on a full disk. The one trap: closing any
 * descriptor of lock.db in this process drops the lock, therefore only this function opens it.
 */
export function lockDataDir(root: string, waitMs = 0): DataLock {
  const path = join(root, "lock.db");
  const pidPath = join(root, "lock.pid");
  const db = openLock(path);
  try {
    // oxlint-disable-next-line cortex/no-sql-template -- a number; PRAGMA binds none.
    db.run(`PRAGMA busy_timeout = ${Math.trunc(waitMs)}`);
    db.run("PRAGMA journal_mode = MEMORY");
    db.run("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (codeOf(error).startsWith("SQLITE_BUSY")) throw lockedBy(root, pidPath);
    throw storeError(error, path);
  }
  held.add(db);
  writePid(pidPath);
  return {
    release: () => {
      if (!held.delete(db)) return;
      rmSync(pidPath, { force: true });
      db.close();
    },
  };
}

function openLock(path: string): Database {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true)
      throw storeErrors.symlink(`${path} is a symbolic link; remove it, Cortex makes the file itself`);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    if (stat === undefined) closeSync(openSync(path, flags, 0o600));
  } catch (error) {
    // Another process made it between the two calls.
    if (codeOf(error) !== "EEXIST") throw storeError(error, path);
  }
  try {
    return new Database(path, { readwrite: true, create: false, strict: true });
  } catch (error) {
    throw storeError(error, path);
  }
}

/** Only for the message of the next one who wants the lock, so a full disk does not matter. */
function writePid(path: string): void {
  try {
    rmSync(path, { force: true });
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600, flag: "wx" });
  } catch {
    // The lock holds without it.
  }
}

function lockedBy(root: string, pidPath: string): Error {
  const pid = readPid(pidPath);
  const holder = pid === null ? "another process" : `process ${pid}`;
  return storeErrors.locked(
    `${root} is in use by ${holder}; stop that Cortex first, or use the commands, which talk to the running one (cortex problems)`,
    { details: { pid, root } },
  );
}

function readPid(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

export const BALLAST_BYTES = 16 * 2 ** 20;

/**
 * Keep a file that can be given back when the disk is full, because SQLite can't even delete rows then. It is made only
 * where it takes less than a quarter of the free space. Returns whether it is there afterwards.
 */
export function ensureBallast(root: string, sizeBytes = BALLAST_BYTES): boolean {
  const path = join(root, "ballast");
  if (lstatSync(path, { throwIfNoEntry: false })?.size === sizeBytes) return true;
  const space = statfsSync(root);
  if (space.bavail * space.bsize < sizeBytes * 4) return false;
  try {
    writeBallast(path, sizeBytes);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    if (["ENOSPC", "EDQUOT"].includes(codeOf(error))) return false;
    throw storeError(error, path);
  }
}

/** Random bytes, since file systems that compress would keep no room for zeros. */
function writeBallast(path: string, sizeBytes: number): void {
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  try {
    const block = randomBytes(2 ** 20);
    for (let written = 0; written < sizeBytes;)
      written += writeSync(fd, block, 0, Math.min(block.length, sizeBytes - written));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Give the ballast back; false when there was none. Afterwards retention can run; `ensureBallast` later makes it anew. */
export function releaseBallast(root: string): boolean {
  const path = join(root, "ballast");
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(path);
  syncPath(root);
  return true;
}
