/** What the API and the commands say about backups. */
import * as z from "zod";
import { BACKUP_FILES, BACKUP_REASONS } from "../domain/backup.ts";
import type { BackupListing } from "../store/backup/read-backup.ts";
import { isoTime, toIso, toIsoOrNull } from "../wire/envelope.ts";
import type { Backups } from "./backups.ts";

export const backupItem = z.strictObject({
  name: z.string(),
  createdAt: isoTime,
  reason: z.enum(BACKUP_REASONS),
  bytes: z.number().int(),
  version: z.string().describe("Of the Cortex that made it"),
  node: z.string(),
  files: z.array(z.enum(BACKUP_FILES)),
  hasKeys: z
    .boolean()
    .describe("Whether the keys are in it, sealed: without them it is good on this host only"),
  sound: z.boolean().describe("False where a ledger did not hold when it was made"),
  path: z.string(),
});
export type BackupItem = z.infer<typeof backupItem>;

export const backupList = z.strictObject({
  items: z.array(backupItem).describe("Newest first"),
  next: z.null(),
  damaged: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  schedule: z.strictObject({
    enabled: z.boolean(),
    folder: z.string(),
    everySeconds: z.number(),
    lastGoodAt: isoTime.nullable().describe("Of the newest good backup"),
    nextAt: isoTime.nullable(),
    failure: z
      .strictObject({ at: isoTime, reason: z.string() })
      .nullable()
      .describe("The last attempt, if it failed"),
  }),
});
export type BackupList = z.infer<typeof backupList>;

export const toItem = (listing: BackupListing): BackupItem => {
  const { name, createdAt, reason, bytes, version, node, files, hasKeys, sound, path } = listing;
  return { name, createdAt: toIso(createdAt), reason, bytes, version, node, files, hasKeys, sound, path };
};

export function toList(backups: Backups): BackupList {
  const { backups: found, damaged } = backups.list();
  const { enabled, folder, everyMs, lastGoodAt, nextAt, failure } = backups.status();
  return {
    items: found.map(toItem),
    next: null,
    damaged,
    schedule: {
      enabled,
      folder,
      everySeconds: everyMs / 1000,
      lastGoodAt: toIsoOrNull(lastGoodAt ?? found.find(({ sound }) => sound)?.createdAt ?? null),
      nextAt: toIsoOrNull(nextAt),
      failure: failure && { at: toIso(failure.at), reason: failure.reason },
    },
  };
}

/** The answer to a request for one. */
export const madeBackup = z.strictObject({
  ...backupItem.shape,
  withoutKeys: z.string().nullable().describe("Why the keys are not in it; null when they are"),
});
