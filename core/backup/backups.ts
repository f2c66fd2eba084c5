/** The backups of a running Cortex: made on request and by the clock, one at a time, thinned out afterwards. */
import { type Clock, isCortexError, type Log, messageOf } from "cortex";
import { backupErrors, type BackupReason, type KeepRules, removable } from "../domain/backup.ts";
import { listBackups } from "../store/backup/read-backup.ts";
import {
  removeBackup,
  writeBackup,
  type WriteDeps,
  type WrittenBackup,
} from "../store/backup/write-backup.ts";

export interface BackupSettings {
  enabled: boolean;
  everyMs: number;
  folder: string;
  keep: KeepRules;
}

/** How backups stand, for people and for the check that watches them. Times are epoch ms. */
export interface BackupStatus {
  enabled: boolean;
  folder: string;
  everyMs: number;
  /** Of the newest sound backup; null when there is none. */
  lastGoodAt: number | null;
  nextAt: number | null;
  /** The last attempt, if it failed. */
  failure: { at: number; reason: string } | null;
}

export interface Backups {
  /** Errors: `backup.busy` while one is being made, those of `writeBackup`. */
  create(reason: BackupReason, actor: string): Promise<WrittenBackup>;
  list(): ReturnType<typeof listBackups>;
  status(): BackupStatus;
  /** By the clock, from now on. */
  start(): void;
  stop(): Promise<void>;
}

export interface BackupsDeps extends Omit<WriteDeps, "folder" | "now" | "copy"> {
  clock: Clock;
  log: Log;
  settings: () => BackupSettings;
  copy: (job: Parameters<WriteDeps["copy"]>[0], signal: AbortSignal) => ReturnType<WriteDeps["copy"]>;
  /** Write an entry into the ledger. */
  record(kind: "backup.created" | "backup.failed", actor: string, payload: Record<string, unknown>): void;
}

/** After a start the host has other things to do first. */
const FIRST_MS = 60_000;
const RETRY_MS = 5 * 60_000;

export function createBackups(deps: BackupsDeps): Backups {
  const { clock, log, settings } = deps;
  const stopping = new AbortController();
  let running: Promise<WrittenBackup> | null = null;
  let failure: BackupStatus["failure"] = null;
  let lastGoodAt: number | null = null;
  let nextAt: number | null = null;
  let cancel = () => {};

  const newestGood = (): number | null =>
    listBackups(settings().folder).backups.find(({ sound, node }) => sound && node === deps.identity.nodeId)
      ?.createdAt ?? null;

  async function make(reason: BackupReason, actor: string): Promise<WrittenBackup> {
    const { folder } = settings();
    try {
      const made = await writeBackup(
        { ...deps, folder, now: () => clock.now(), copy: (job) => deps.copy(job, stopping.signal) },
        reason,
      );
      const fault = made.sound ? null : "the ledger does not hold; see: cortex intents verify";
      failure = fault === null ? null : { at: clock.now(), reason: fault };
      if (made.sound) lastGoodAt = made.createdAt;
      const { name, bytes, withoutKeys } = made;
      deps.record("backup.created", actor, { name, bytes, reason, sound: made.sound });
      if (withoutKeys !== null)
        log.warn("The backup is without the keys: it can only be restored on this host.", {
          name,
          reason: withoutKeys,
        });
      prune(folder);
      return made;
    } catch (error) {
      if (!stopping.signal.aborted) noteFailure(error, actor);
      throw error;
    }
  }

  function noteFailure(error: unknown, actor: string): void {
    // A disk that stays full is one entry, not one every five minutes.
    if (failure?.reason !== messageOf(error)) {
      log.error("No backup could be made.", { reason: messageOf(error) });
      const code = isCortexError(error) ? error.code : "internal";
      try {
        deps.record("backup.failed", actor, { code });
      } catch (unrecorded) {
        log.error("That could not be written down either.", { reason: messageOf(unrecorded) });
      }
    }
    failure = { at: clock.now(), reason: messageOf(error) };
  }

  /** What can't be removed stays: never a reason to call a backup failed. */
  function prune(folder: string): void {
    const own = listBackups(folder).backups.filter(({ node }) => node === deps.identity.nodeId);
    for (const name of removable(own, settings().keep))
      try {
        removeBackup(folder, name, deps.identity.nodeId);
      } catch (error) {
        log.warn("An old backup could not be removed.", { name, reason: messageOf(error) });
      }
  }

  async function create(reason: BackupReason, actor: string): Promise<WrittenBackup> {
    if (running !== null) throw backupErrors.busy("a backup is being made already; wait until it is done");
    if (stopping.signal.aborted) throw backupErrors.busy("Cortex is stopping");
    running = make(reason, actor);
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  function plan(afterMs: number): void {
    cancel();
    nextAt = clock.now() + afterMs;
    cancel = clock.after(afterMs, () => void turn());
  }

  async function turn(): Promise<void> {
    const { enabled, everyMs } = settings();
    let ok = true;
    if (enabled && running === null)
      ok = await create("scheduled", "schedule").then(
        ({ sound }) => sound,
        () => false,
      );
    if (!stopping.signal.aborted) plan(ok ? everyMs : Math.min(everyMs, RETRY_MS));
  }

  return {
    create,
    list: () => listBackups(settings().folder),
    status: () => {
      const { enabled, folder, everyMs } = settings();
      return { enabled, folder, everyMs, lastGoodAt, nextAt: enabled ? nextAt : null, failure };
    },
    start() {
      try {
        lastGoodAt = newestGood();
      } catch (error) {
        failure = { at: clock.now(), reason: messageOf(error) };
      }
      const { everyMs } = settings();
      const sinceMs = lastGoodAt === null ? everyMs : clock.now() - lastGoodAt;
      plan(Math.max(Math.min(FIRST_MS, everyMs), everyMs - Math.max(0, sinceMs)));
    },
    async stop() {
      cancel();
      stopping.abort();
      await running?.catch(() => undefined);
    },
  };
}
