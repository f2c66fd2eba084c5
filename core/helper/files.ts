/** The helper's own files below /etc/cortex: its policy, and the keys that may decide. Root writes them, and nobody else. */
import { basename } from "node:path";
import { defineErrors } from "cortex";
import { parse } from "yaml";
import * as z from "zod";
import { type HelperPolicy, helperPolicy } from "../domain/helper-policy.ts";
import { fingerprintWords } from "../domain/node-key.ts";
import { listOwnedFolder, readOwnedFile } from "../ports/files/owned-file.ts";
import type { TrustedKey } from "./helper.ts";

const errors = defineErrors("helper", { policy: "invalid", trust: "invalid" });

/** Names and files of keys: letters, digits and -. */
export const KEY_NAME = /^[a-z0-9][a-z0-9-]{0,60}$/;
export const KEY_ENDING = ".key";

/** Errors: `helper.policy`, and those of `readOwnedFile`. */
export function readPolicy(path: string, owner: number): HelperPolicy {
  return parsePolicy(readOwnedFile(path, owner), path);
}

/** Errors: `helper.policy`, which names the file. */
export function parsePolicy(text: string, path: string): HelperPolicy {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw errors.policy(`${path} is no YAML: ${error instanceof Error ? error.message.split("\n")[0] : ""}`);
  }
  const result = helperPolicy.safeParse(value);
  if (result.success) return result.data;
  throw errors.policy(`${path}: ${z.prettifyError(result.error).replaceAll(/\s*\n\s*/g, " ")}`);
}

export interface NamedKey extends TrustedKey {
  name: string;
  publicKey: Uint8Array;
}

/** Every key of the folder; one that can't be believed spoils all, so that nobody thinks it were in force. */
export function readTrust(folder: string, owner: number): NamedKey[] {
  return listOwnedFolder(folder, owner, KEY_ENDING).map((path) => ({
    name: basename(path, KEY_ENDING),
    ...parseKey(readOwnedFile(path, owner), path),
  }));
}

/** A raw Ed25519 public key as base64 or base64url, with comment lines. Errors: `helper.trust`. */
export function parseKey(text: string, what: string): TrustedKey & { publicKey: Uint8Array } {
  const [word, ...more] = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const publicKey = new Uint8Array(Buffer.from(word ?? "", "base64"));
  if (more.length > 0 || publicKey.length !== 32 || !/^[A-Za-z0-9+/_-]{43}=?$/.test(word ?? ""))
    throw errors.trust(
      `${what} holds no public key; it wants the one line that \`cortex helper key\` prints`,
    );
  return {
    signer: Buffer.from(publicKey).toString("base64url"),
    words: fingerprintWords(publicKey),
    publicKey,
  };
}
