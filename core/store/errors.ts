/** Errors of the store, and the translation of what SQLite and the file system throw into them. */
import { CortexError, defineErrors, isCortexError, messageOf } from "cortex";

export const storeErrors = defineErrors("store", {
  full: "unavailable",
  readonly: "unavailable",
  corrupt: "internal",
  busy: "unavailable",
  io: "unavailable",
  closed: "unavailable",
  symlink: "invalid",
  sqlite_too_old: "internal",
  newer_schema: "conflict",
  migration_failed: "internal",
  backup_failed: "unavailable",
  data_dir: "unavailable",
  locked: "conflict",
  identity: "unavailable",
  async_transaction: "internal",
  not_found: "not_found",
  value_too_large: "invalid",
});

/** The `code` of an SQLite or system error ("SQLITE_IOERR_FSYNC", "ENOSPC"); empty for anything else. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : "";
}

/**
 * The `store.*` error for what a database call threw, or the thrown thing itself where it is not about storage
 * (a constraint, a bug, an error of the caller).
 */
export function storeError(error: unknown, path: string): unknown {
  if (isCortexError(error)) return error;
  const code = codeOf(error);
  const options = { cause: error, details: { path, reason: code } };
  // SHMSIZE: the -shm file, which is allocated when a database is opened, could not grow.
  if (["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "ENOSPC", "EDQUOT"].includes(code))
    return storeErrors.full(
      `${path}: the disk is full; free space on its file system, then try again`,
      options,
    );
  if (code.startsWith("SQLITE_READONLY") || code === "EROFS" || code === "EACCES" || code === "EPERM")
    return storeErrors.readonly(
      `${path} can't be written (${code}); check its owner, its mode and that the file system is mounted rw`,
      options,
    );
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB")
    return storeErrors.corrupt(
      `${path} is damaged (${messageOf(error)}); stop Cortex and restore a backup: cortex backup list`,
      options,
    );
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return storeErrors.busy(
      `${path} is in use by another program; end what has it open (see: fuser ${path}) and try again`,
      options,
    );
  if (
    code.startsWith("SQLITE_IOERR") ||
    code.startsWith("SQLITE_CANTOPEN") ||
    /^E(IO|MFILE|NFILE|NXIO)$/.test(code)
  )
    return storeErrors.io(
      `${path}: reading or writing failed (${code}); look for disk errors in the kernel log (dmesg)`,
      options,
    );
  return error;
}

/** Run `work`; what storage throws leaves as a `store.*` error naming the file. */
export function withStoreErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, path);
  }
}

/**
 * Whether the connection must be reopened before it is used again. After a failed write or fsync an error does not mean
 * "not stored": the row may be in the file. Callers reopen, read what is there and only then go on; see
 * `reopenDatabase`.
 */
export function needsReopen(error: unknown): boolean {
  const code = error instanceof CortexError || isCortexError(error) ? error.code : "";
  return code === "store.io" || code === "store.corrupt";
}
