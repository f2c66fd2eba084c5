/** Files of the host: read by anybody who declares it, deleted only by the cleaner. */

export interface FileStat {
  kind: "file" | "directory" | "symlink" | "socket" | "fifo" | "block" | "char";
  sizeBytes: number;
  /** Epoch ms. */
  modifiedAt: number;
  mode: number;
  uid: number;
  gid: number;
  dev: number;
  ino: number;
  nlink: number;
}

export interface FsUsage {
  totalBytes: number;
  /** Free for root. */
  freeBytes: number;
  /** Free for ordinary users; what `df` calls available. */
  availableBytes: number;
  totalInodes: number;
  freeInodes: number;
}

/**
 * The host's files below `host_root`. Reads of /proc and /sys are shared: within one inspection tick the same path is
 * read once, whoever asks. Errors: `fs.not_found`, `fs.denied`, `fs.timeout`, `fs.unreadable`.
 */
export interface HostFs {
  readText(path: string): Promise<string>;
  /** Like readText; null when the file is absent. Lack of rights still throws `fs.denied`. */
  readTextIfPresent(path: string): Promise<string | null>;
  list(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  /** lstat: never follows the last symlink. */
  stat(path: string): Promise<FileStat>;
  readLink(path: string): Promise<string>;
  /** statfs in a bounded time (default 2 s), because a dead network mount never answers. */
  usage(path: string, timeoutMs?: number): Promise<FsUsage>;
}

/** One cleaning order. Everything not named here is kept. */
export interface CleanPolicy {
  /** Absolute directory; its real path must lie on the cleaner allow-list. */
  root: string;
  /** Only files not modified, changed or read for this long. */
  minAgeMs: number;
  /** Names directly below `root` that are never entered (exact). */
  exclude?: string[];
  maxEntries?: number;
  maxBytes?: number;
}

export interface CleanEntry {
  /** Relative to the root. */
  path: string;
  dev: number;
  ino: number;
  sizeBytes: number;
  /** Bytes that deleting it frees; less than its size for sparse files. */
  allocatedBytes: number;
  modifiedAt: number;
}

export interface CleanManifest {
  policy: CleanPolicy;
  entries: CleanEntry[];
  /** Sum of `allocatedBytes`. */
  totalBytes: number;
  /**
   * Counts of what was seen and kept, by reason: young, open, hard_link, not_a_file, excluded, other_fs, capped, too_deep,
   * denied, not_own (without root only files of the own user are listed).
   */
  kept: Record<string, number>;
}

export interface CleanOutcome {
  removed: number;
  removedBytes: number;
  /** Entries of the manifest that no longer matched or were in use, by reason. */
  kept: Record<string, number>;
}

/** Deletes old files, by directory handles and in two phases: what `scan` did not list, `remove` can't touch. */
export interface Cleaner {
  scan(policy: CleanPolicy, signal?: AbortSignal): Promise<CleanManifest>;
  remove(manifest: CleanManifest, signal?: AbortSignal): Promise<CleanOutcome>;
}
