/** Reading backups. Whoever wrote one may be hostile, or the disk may have changed it: nothing is believed before it was checked. */
import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { formatBytes, isCortexError, messageOf } from "cortex";
import {
  BACKUP_NAME,
  type BackupFile,
  backupErrors,
  type BackupReason,
  isSound,
  MANIFEST,
  type Manifest,
  parseManifest,
} from "../../domain/backup.ts";
import { verifySignature } from "../key-file.ts";
import { checkDatabase } from "./check-database.ts";
import { hashFile, readSmall } from "./files.ts";

export interface BackupListing {
  name: string;
  path: string;
  /** Epoch ms. */
  createdAt: number;
  reason: BackupReason;
  bytes: number;
  version: string;
  node: string;
  files: BackupFile[];
  /** Whether the keys are in it, sealed. */
  hasKeys: boolean;
  /** False where a ledger did not hold when it was made. */
  sound: boolean;
}

/** The backups in a folder, newest first, and those whose manifest can't be read. Only manifests are looked at. */
export function listBackups(folder: string): {
  backups: BackupListing[];
  damaged: { name: string; reason: string }[];
} {
  const damaged: { name: string; reason: string }[] = [];
  const backups = namesIn(folder).flatMap((name) => {
    try {
      return [listingOf(join(folder, name), readManifest(join(folder, name)))];
    } catch (error) {
      if (!isCortexError(error)) throw error;
      damaged.push({ name, reason: messageOf(error) });
      return [];
    }
  });
  return { backups: backups.toSorted((a, b) => b.createdAt - a.createdAt), damaged };
}

function namesIn(folder: string): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder).filter((name) => BACKUP_NAME.test(name));
}

export const listingOf = (path: string, manifest: Manifest): BackupListing => ({
  name: manifest.name,
  path,
  createdAt: manifest.createdAt,
  reason: manifest.reason,
  bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
  version: manifest.version,
  node: manifest.node,
  files: manifest.files.map(({ name }) => name),
  hasKeys: manifest.files.some(({ name }) => name === "keys.sealed"),
  sound: isSound(manifest),
});

/** Errors: `backup.not_found`, `backup.damaged`. */
export function readManifest(path: string): Manifest {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw backupErrors.not_found(`there is no backup ${path}; see: cortex backup list`);
  if (!stat.isDirectory()) throw backupErrors.damaged(`${path} is no folder; give the folder of the backup`);
  const manifest = parseManifest(readSmall(join(path, MANIFEST)), verifySignature);
  // A journal beside a database would be played into it when it is opened.
  const known = new Set<string>([MANIFEST, ...manifest.files.map(({ name }) => name)]);
  const strange = readdirSync(path).find((name) => !known.has(name));
  if (strange !== undefined)
    throw backupErrors.damaged(`${path} holds ${JSON.stringify(strange)}, which is no part of the backup`);
  if (BACKUP_NAME.test(basename(path)) && basename(path) !== manifest.name)
    throw backupErrors.damaged(`${path} is the backup ${manifest.name} under another name`);
  return manifest;
}

/**
 * Every byte of every file; with `copyTo`, into that folder, and it is the copies that were checked. Errors:
 * `backup.damaged`, `backup.too_large`.
 */
export function checkFiles(path: string, manifest: Manifest, maxBytes: number, copyTo?: string): void {
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > maxBytes)
    throw backupErrors.too_large(
      `${path} holds ${formatBytes(total)}; set backup.max_size to more than that if this is right`,
    );
  for (const { name, bytes, sha256 } of manifest.files) {
    const file = join(path, name);
    // Before the first byte is read: what is there may be larger than it says.
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat !== undefined && stat.size !== bytes)
      throw backupErrors.damaged(`${file} has ${stat.size} bytes, the manifest says ${bytes}`);
    const found = hashFile(file, copyTo === undefined ? undefined : join(copyTo, name));
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw backupErrors.damaged(`${file} is damaged: its SHA-256 is not the one in the manifest`);
  }
}

/** The databases in `folder`, after `checkFiles`. Errors: those of `checkDatabase`, `backup.ledger`. */
export async function checkDatabases(folder: string, manifest: Manifest): Promise<void> {
  for (const { name, ledger } of manifest.files) {
    if (name === "keys.sealed") continue;
    const found = await checkDatabase(join(folder, name), name, manifest);
    if (found.ledger.fault !== null)
      throw backupErrors.ledger(
        `the ledger in ${name} does not hold: entry ${found.ledger.fault.seq} ${found.ledger.fault.reason}. It was so when the backup was made: take an older one`,
      );
    if (found.ledger.entries !== ledger?.entries || found.ledger.head !== ledger.head)
      throw backupErrors.ledger(`the ledger in ${name} is not the one that the manifest names`);
  }
}
