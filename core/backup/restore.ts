/**
 * Restoring: offline, beside what is there, checked as a whole, changed where time has passed, and only then swapped in. What
 * it replaces is kept aside.
 */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CortexError, isCortexError } from "cortex";
import { backupErrors, type Manifest } from "../domain/backup.ts";
import type { Vault } from "../ports/secrets/vault.ts";
import { carryOver } from "../store/backup/carry.ts";
import { checkDatabase, type DatabaseName } from "../store/backup/check-database.ts";
import { assertSpace } from "../store/backup/files.ts";
import { checkDatabases, checkFiles, readManifest } from "../store/backup/read-backup.ts";
import { type KeyFiles, openKeys, publicKeyIn, putKeys } from "../store/backup/sealed-keys.ts";
import { dropStage, openStage, swapIn } from "../store/backup/swap.ts";
import type { DataDir } from "../store/data-dir.ts";
import { loadIdentity, type StoredIdentity } from "../store/identity.ts";
import { amendAgent, amendMonitor } from "./amend.ts";
import { lostSince, type Since, undoneSince } from "./since.ts";

export interface RestoreDeps {
  /** Prepared, and its lock is held. */
  dir: DataDir;
  vault: Vault;
  clock: Pick<Clock, "now">;
  /** A backup that is larger is refused. */
  maxBytes: number;
}

export interface RestoreReport {
  name: string;
  node: string;
  createdAt: number;
  /** Where the former files are; null when there were none. */
  replaced: string | null;
  databases: {
    name: DatabaseName;
    /** Entries of its ledger, with the one about this restore. */
    entries: number;
    /** Entries younger than the backup that were taken over from what it replaced. */
    carried: number;
    /** Why none could be; null where nothing was replaced or all went well. */
    notCarried: string | null;
  }[];
  /** Keys that came from the backup; empty where the folder had its own. */
  keys: string[];
  /** What was taken away since the backup was made, and is back: to be taken away again. */
  undone: Since[];
  /** What was made since the backup, and is not there any more: to be made again. */
  lost: Since[];
}

/** Errors: `backup.*`, those of the store, `vault.unreadable` where the sealed secrets can't be read with the key at hand. */
export async function restoreBackup(path: string, deps: RestoreDeps): Promise<RestoreReport> {
  const { dir } = deps;
  const manifest = readManifest(path);
  const own = existsSync(join(dir.keys, "node.key")) ? loadIdentity(dir.keys) : null;
  if (own !== null && own.nodeId !== manifest.node)
    throw backupErrors.other_node(
      `${dir.root} belongs to node ${own.nodeId}, the backup to ${manifest.node}: restore it into an empty folder (--data-dir), or move ${dir.root} away`,
    );
  // Twice: what is checked beside what is there, and the growth of the ledger.
  assertSpace(dir.root, 2 * manifest.files.reduce((sum, { bytes }) => sum + bytes, 0), dir.root);
  const stage = openStage(dir.root);
  try {
    checkFiles(path, manifest, deps.maxBytes, stage);
    const keys = restoredKeys(stage, manifest, deps.vault, own);
    const written = putKeys(keys, join(stage, "keys"), own === null ? null : dir.keys);
    const identity = own ?? loadIdentity(join(stage, "keys"));
    const signer = manifest.keys.node[0]!;
    if (!identity.publicKeys().some((key) => Buffer.from(key).toString("base64") === signer))
      throw backupErrors.unknown_signer(
        "the backup is signed by another key than this node ever had: it is not restored",
      );
    await checkDatabases(stage, manifest);
    const changed = await amendAll(stage, manifest, deps, identity);
    const databases = changed.map(({ undone: _, lost: __, ...one }) => one);
    const swapped = [
      ...databases.flatMap(({ name }) => [name, logOf(name)]),
      ...written.map((file) => `keys/${file}`),
    ];
    const replaced = swapIn(dir.root, swapped, deps.clock.now());
    const { name, node, createdAt } = manifest;
    return {
      name,
      node,
      createdAt,
      replaced,
      databases,
      keys: written,
      undone: changed.flatMap((one) => one.undone),
      lost: changed.flatMap((one) => one.lost),
    };
  } catch (error) {
    // After the swap has begun the stage is what the next start goes on with.
    if (!existsSync(join(dir.root, "restore.json"))) dropStage(dir.root);
    throw error;
  }
}

/** Those of the backup; none where the folder has its own and the backup's can't be opened. */
function restoredKeys(stage: string, manifest: Manifest, vault: Vault, own: StoredIdentity | null): KeyFiles {
  const isThere = manifest.files.some(({ name }) => name === "keys.sealed");
  if (!isThere) {
    if (own !== null) return {};
    throw backupErrors.unknown_signer(
      "this backup was made without the keys of its node: it can only be restored into a folder that has them (keys/)",
    );
  }
  try {
    return openKeys(join(stage, "keys.sealed"), vault, manifest.name);
  } catch (error) {
    if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
    if (own !== null) return {};
    throw new CortexError(
      error.code,
      error.kind,
      hasKey(vault)
        ? `the keys in this backup can't be opened with ${vault.where}: put the key-encryption key of the lost host there (secrets.key_file) and try again`
        : `there is no key in ${vault.where}, so the keys in this backup can't be opened: put the key-encryption key of the lost host there (secrets.key_file) and try again`,
      { cause: error },
    );
  }
}

/** False where none is there at all; one that is there and not fit to be used is told as it is. */
function hasKey(vault: Vault): boolean {
  try {
    return vault.check();
  } catch {
    return true;
  }
}

const logOf = (name: DatabaseName) => (name === "agent.db" ? "checkpoints.log" : "monitor-checkpoints.log");

type Amended = RestoreReport["databases"][number] & Pick<RestoreReport, "undone" | "lost">;

async function amendAll(
  stage: string,
  manifest: Manifest,
  deps: RestoreDeps,
  identity: StoredIdentity,
): Promise<Amended[]> {
  const all: Amended[] = [];
  for (const { name } of manifest.files) {
    if (name === "keys.sealed") continue;
    const [staged, current] = [
      join(stage, name),
      name === "agent.db" ? deps.dir.agentDb : deps.dir.monitorDb,
    ];
    const carried = carryOver(name, current, staged);
    const log = join(deps.dir.root, logOf(name));
    // The log outside the database goes with the chain that it vouches for; where that is cut, a new one begins.
    if (carried.reason === null && existsSync(current) && existsSync(log))
      copyFileSync(log, join(stage, logOf(name)));
    const amendment = {
      clock: deps.clock,
      vault: deps.vault,
      identity,
      keys: deps.dir.keys,
      entry: { backup: manifest.name, createdAt: manifest.createdAt, carried: carried.entries.length },
      isLatest: carried.reason === null && existsSync(current),
    };
    const entries = name === "agent.db" ? amendAgent(staged, amendment) : amendMonitor(stage, amendment);
    await assertStillHolds(staged, name, manifest, identity, stage, deps);
    const { reason: notCarried } = carried;
    const since = { undone: undoneSince(carried), lost: lostSince(carried) };
    all.push({ name, entries, carried: carried.entries.length, notCarried, ...since });
  }
  return all;
}

/** The last look before anything is replaced. */
async function assertStillHolds(
  path: string,
  name: DatabaseName,
  manifest: Manifest,
  identity: StoredIdentity,
  stage: string,
  { dir }: RestoreDeps,
): Promise<void> {
  const monitor = publicKeyIn(join(stage, "keys"), "monitor.key") ?? publicKeyIn(dir.keys, "monitor.key");
  const node = identity.publicKeys().map((key) => Buffer.from(key).toString("base64"));
  const { ledger } = await checkDatabase(path, name, { node: manifest.node, keys: { node, monitor } });
  if (ledger.fault !== null)
    throw backupErrors.ledger(
      `the ledger of ${name} would not hold: entry ${ledger.fault.seq} ${ledger.fault.reason}`,
    );
}
