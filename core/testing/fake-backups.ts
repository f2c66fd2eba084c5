/** Backups of an API that has no files: one good one, and each that is asked for. */
import type { Backups } from "../backup/backups.ts";
import { backupName, type BackupReason } from "../domain/backup.ts";
import type { BackupListing } from "../store/backup/read-backup.ts";

export function fakeBackups(): Backups {
  const made = (createdAt: number, reason: BackupReason): BackupListing => ({
    name: backupName(createdAt),
    path: `/backups/${backupName(createdAt)}`,
    createdAt,
    reason,
    bytes: 4096,
    version: "1.2.3",
    node: `n_${"a".repeat(26)}`,
    files: ["monitor.db", "keys.sealed"],
    hasKeys: true,
    sound: true,
  });
  const backups = [made(0, "scheduled")];
  return {
    async create(reason) {
      const one = made(backups.length * 1000, reason);
      backups.unshift(one);
      return { ...one, withoutKeys: null };
    },
    list: () => ({ backups, damaged: [] }),
    status: () => ({
      enabled: true,
      folder: "/backups",
      everyMs: 3_600_000,
      lastGoodAt: backups[0]!.createdAt,
      nextAt: 3_600_000,
      failure: null,
    }),
    start() {},
    stop: async () => {},
  };
}
