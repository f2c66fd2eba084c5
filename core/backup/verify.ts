/** Whether a backup is whole, and whose it is. */
import { existsSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { isCortexError, messageOf } from "cortex";
import { BACKUP_NAME, type Manifest } from "../domain/backup.ts";
import { nodeIdOf } from "../domain/node-key.ts";
import type { Vault } from "../ports/secrets/vault.ts";
import { checkDatabases, checkFiles, readManifest } from "../store/backup/read-backup.ts";
import { openKeys } from "../store/backup/sealed-keys.ts";
import { loadIdentity } from "../store/identity.ts";
import { publicKeyOf } from "../store/key-file.ts";

/** `NAME` in the folder of backups, or a path. */
export function locateBackup(given: string, folder: string): string {
  if (BACKUP_NAME.test(given) && !given.includes(sep) && existsSync(join(folder, given)))
    return join(folder, given);
  // The manifest stands for its folder.
  return resolve(given.replace(/\/manifest\.json$/, ""));
}

export interface VerifiedBackup {
  name: string;
  node: string;
  bytes: number;
  /** Ledger entries that were hashed again. */
  entries: number;
  /** How it is known that the key under the manifest is the node's. */
  proof: "own_key" | "sealed_keys" | "node_id" | "none";
  /** Why its keys can't be opened here; null when they can. */
  keys: string | null;
}

export interface VerifyDeps {
  /** Of the data folder on this host; null where there is none. */
  keysDir: string | null;
  vault: Vault;
  maxBytes: number;
}

/** Errors: those of `backup.*`. */
export async function verifyBackup(path: string, deps: VerifyDeps): Promise<VerifiedBackup> {
  const manifest = readManifest(path);
  checkFiles(path, manifest, deps.maxBytes);
  await checkDatabases(path, manifest);
  const sealed = signerInside(path, manifest, deps.vault);
  const { name, node, files } = manifest;
  return {
    name,
    node,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    entries: files.reduce((sum, { ledger }) => sum + (ledger?.entries ?? 0), 0),
    proof: proofOf(manifest, deps, sealed.key),
    keys: sealed.reason,
  };
}

function proofOf(
  manifest: Manifest,
  { keysDir }: VerifyDeps,
  inside: string | null,
): VerifiedBackup["proof"] {
  const signer = manifest.keys.node[0]!;
  const own = keysDir !== null && existsSync(join(keysDir, "node.key")) ? loadIdentity(keysDir) : null;
  if (own?.publicKeys().some((key) => Buffer.from(key).toString("base64") === signer)) return "own_key";
  if (inside === signer) return "sealed_keys";
  return nodeIdOf(new Uint8Array(Buffer.from(signer, "base64"))) === manifest.node ? "node_id" : "none";
}

/** The node's public key according to the sealed keys, or why it can't be told. */
function signerInside(
  path: string,
  manifest: Manifest,
  vault: Vault,
): { key: string | null; reason: string | null } {
  if (!manifest.files.some(({ name }) => name === "keys.sealed"))
    return { key: null, reason: "it was made without them" };
  try {
    const pem = openKeys(join(path, "keys.sealed"), vault, manifest.name)["node.key"];
    const key = pem === undefined ? null : Buffer.from(publicKeyOf(pem)).toString("base64");
    return { key, reason: null };
  } catch (error) {
    if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
    return { key: null, reason: messageOf(error) };
  }
}
