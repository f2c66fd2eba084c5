/** Making a backup: aside, checked, signed, durable, and only then by its name. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isCortexError, messageOf } from "cortex";
import {
  BACKUP_NAME,
  backupErrors,
  backupName,
  type BackupReason,
  type FileFacts,
  MANIFEST,
  type Manifest,
  manifestText,
  renderManifest,
} from "../../domain/backup.ts";
import type { Vault } from "../../ports/secrets/vault.ts";
import type { DataDir } from "../data-dir.ts";
import { syncPath } from "../durable.ts";
import { storeError } from "../errors.ts";
import type { StoredIdentity } from "../identity.ts";
import { writeDurably } from "../key-file.ts";
import { type CopyJob, sizeOf } from "./copy.ts";
import { assertSpace, privateFolder, readSmall } from "./files.ts";
import { type BackupListing, checkFiles, listingOf, readManifest } from "./read-backup.ts";
import { publicKeyIn, sealedFacts, sealKeys } from "./sealed-keys.ts";

export interface WriteDeps {
  dir: DataDir;
  /** Where backups lie; made if it is not there. */
  folder: string;
  identity: StoredIdentity;
  vault: Vault;
  version: string;
  now: () => number;
  copy: (job: CopyJob) => Promise<FileFacts[]>;
}

export interface WrittenBackup extends BackupListing {
  /** Why the keys are not in it; null when they are. */
  withoutKeys: string | null;
}

/** Errors: `backup.no_space`, `backup.failed`, `backup.damaged` where the live database is, those of the store. */
export async function writeBackup(deps: WriteDeps, reason: BackupReason): Promise<WrittenBackup> {
  const { folder, dir } = deps;
  const createdAt = deps.now();
  const name = backupName(createdAt);
  privateFolder(folder);
  removeLeftovers(folder, deps.identity.nodeId);
  const temporary = join(folder, leftoverName(name, deps.identity.nodeId));
  const path = join(folder, name);
  try {
    if (existsSync(path)) throw backupErrors.busy(`there is a backup of this very moment, ${name}`);
    const keys = publicKeys(deps);
    const job: CopyJob = {
      sources: sources(dir),
      folder: temporary,
      keys: { node: deps.identity.nodeId, keys },
    };
    assertSpace(folder, sizeOf(job), dir.root);
    mkdirSync(temporary, { mode: 0o700 });
    const files = await deps.copy(job);
    const withoutKeys = addKeys(deps, name, temporary, files);
    const manifest: Manifest = {
      v: 1,
      name,
      reason,
      createdAt,
      version: deps.version,
      node: deps.identity.nodeId,
      keys,
      files,
    };
    const signature = deps.identity.sign(manifestText(manifest));
    writeDurably(join(temporary, MANIFEST), renderManifest(manifest, signature));
    syncPath(temporary);
    renameSync(temporary, path);
    syncPath(folder);
    return { ...listingOf(path, manifest), withoutKeys };
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    const mapped = storeError(error, path);
    if (isCortexError(mapped)) throw mapped;
    throw backupErrors.failed(
      `no backup could be written to ${path} (${messageOf(error)}); check the folder`,
      {
        cause: error,
      },
    );
  }
}

function sources(dir: DataDir): CopyJob["sources"] {
  const all: CopyJob["sources"] = [
    { name: "agent.db", path: dir.agentDb },
    { name: "monitor.db", path: dir.monitorDb },
  ];
  const found = all.filter(({ path }) => existsSync(path) && statSync(path).size > 0);
  if (found.length === 0)
    throw backupErrors.failed(`${dir.root} holds no database yet: there is nothing to back up`);
  return found;
}

const publicKeys = ({ identity, dir }: WriteDeps): Manifest["keys"] => ({
  node: identity.publicKeys().map((key) => Buffer.from(key).toString("base64")),
  monitor: publicKeyIn(dir.keys, "monitor.key"),
});

/** A backup without keys is worth something on this host: better than none. */
function addKeys({ dir, vault }: WriteDeps, name: string, folder: string, files: FileFacts[]): string | null {
  const path = join(folder, "keys.sealed");
  try {
    sealKeys(dir.keys, vault, name, path);
    files.push(sealedFacts(path));
    return null;
  } catch (error) {
    if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
    return messageOf(error);
  }
}

/** Of this node only: several may share a folder. */
const leftoverName = (name: string, node: string) => `.${name}.${node}.tmp`;

function removeLeftovers(folder: string, node: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(".backup-") && (name.endsWith(`.${node}.tmp`) || name.endsWith(`.${node}.gone`)))
      rmSync(join(folder, name), { recursive: true, force: true });
}

/** Copy a finished backup into another folder, checked byte by byte. Returns its new path. */
export function copyBackup(path: string, to: string, maxBytes: number): string {
  const manifest = readManifest(path);
  privateFolder(to);
  const [temporary, target] = [join(to, leftoverName(manifest.name, "copy")), join(to, manifest.name)];
  if (existsSync(target)) throw backupErrors.busy(`${target} is there already`);
  try {
    rmSync(temporary, { recursive: true, force: true });
    assertSpace(
      to,
      manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
      path,
    );
    mkdirSync(temporary, { mode: 0o700 });
    checkFiles(path, manifest, maxBytes, temporary);
    writeDurably(join(temporary, MANIFEST), readSmall(join(path, MANIFEST)));
    syncPath(temporary);
    renameSync(temporary, target);
    syncPath(to);
    return target;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw storeError(error, target);
  }
}

/** Remove one by its name; nothing else is ever removed. */
export function removeBackup(folder: string, name: string, node: string): void {
  if (!BACKUP_NAME.test(name)) throw backupErrors.not_found(`${name} is no backup`);
  const temporary = join(folder, `.${name}.${node}.gone`);
  // Out of the list at once: a crash in the middle must not leave half of one by its name.
  renameSync(join(folder, name), temporary);
  rmSync(temporary, { recursive: true, force: true });
}
