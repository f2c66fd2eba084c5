/**
 * The keys of a node in its backup, sealed with the key-encryption key, which is never in one: whoever finds a backup can
 * neither sign as this Monitor nor speak as this node.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { backupErrors } from "../../domain/backup.ts";
import type { Vault } from "../../ports/secrets/vault.ts";
import { loadKeyPair, writeDurably } from "../key-file.ts";
import { hashFile, readSmall } from "./files.ts";

/**
 * What makes a node or a Monitor itself to others. Left out: `tokens.json` (without it short-lived tokens end, and nothing
 * else), a next key that is not in use, the session with the Monitor.
 */
const KEPT = [
  "node.key",
  "node.json",
  "decision.key",
  "decision.links.json",
  "monitor.key",
  "epoch",
  "upstream.json",
  "tls.key",
  "tls.crt",
] as const;

const PURPOSE = "backup.keys";
/** A restored node counts on from here, past every start that the lost one may have made since. */
const EPOCH_STEP = 1_000_000;

const content = z.partialRecord(z.enum(KEPT), z.string());
export type KeyFiles = z.infer<typeof content>;

/** Write `keys.sealed` for the backup `name`. Errors: those of `Vault.seal`. */
export function sealKeys(keysDir: string, vault: Vault, name: string, path: string): void {
  const found: KeyFiles = {};
  for (const file of KEPT)
    if (existsSync(join(keysDir, file))) found[file] = readFileSync(join(keysDir, file), "utf8");
  writeDurably(path, vault.seal(PURPOSE, name, JSON.stringify(found)));
}

/** Errors: `vault.unreadable` without the key that sealed them, `backup.damaged`. */
export function openKeys(path: string, vault: Vault, name: string): KeyFiles {
  return content.parse(JSON.parse(vault.open(PURPOSE, name, readSmall(path))));
}

/** Put the keys into a folder, except those that `keep` has already. Returns the names of those written. */
export function putKeys(files: KeyFiles, folder: string, keep: string | null): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const file of KEPT) {
    const text = files[file];
    if (text === undefined) continue;
    if (keep !== null && lstatSync(join(keep, file), { throwIfNoEntry: false }) !== undefined) continue;
    writeDurably(join(folder, file), file === "epoch" ? laterEpoch(text) : text);
    written.push(file);
  }
  return written;
}

function laterEpoch(text: string): string {
  const epoch = Number(text.trim());
  if (!Number.isSafeInteger(epoch)) throw backupErrors.damaged("the epoch in keys.sealed is no number");
  return `${epoch + EPOCH_STEP}\n`;
}

/** Raw public key in a private key's file, base64; null where there is none. */
export function publicKeyIn(folder: string, file: "node.key" | "monitor.key"): string | null {
  const path = join(folder, file);
  if (!existsSync(path)) return null;
  return Buffer.from(loadKeyPair(path, "a key of this node").publicKey).toString("base64");
}

export const sealedFacts = (path: string) => ({
  name: "keys.sealed" as const,
  ...hashFile(path),
  schema: null,
  ledger: null,
});
