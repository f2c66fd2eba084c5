/** An Ed25519 private key in a file (PKCS #8 PEM, 0600): made once, never replaced by accident, refused when others can read it. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "cortex";
import { keyIdOf } from "../domain/node-key.ts";
import { syncPath } from "./durable.ts";
import { codeOf, storeError, storeErrors } from "./errors.ts";

export interface KeyPair {
  /** `k_…`. */
  id: string;
  /** The raw 32 bytes. */
  publicKey: Uint8Array;
  /** Base64 Ed25519 signature. */
  sign(message: string | Uint8Array): string;
}

/** The key in this file; made if there is none. `what` completes "can't be used as …". Errors: `store.identity`. */
export function loadKeyPair(path: string, what: string): KeyPair {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) createKeyFile(path);
    return keyPairOf(readKey(path));
  } catch (error) {
    const mapped = storeError(error, path);
    if (mapped !== error || codeOf(error).startsWith("store.")) throw mapped;
    throw storeErrors.identity(
      `${path} can't be used as ${what} (${messageOf(error)}); restore it from a backup, or move it away to begin with a new one`,
      { cause: error },
    );
  }
}

/** A key that is kept nowhere. */
export const ephemeralKeyPair = (): KeyPair => keyPairOf(generateKeyPairSync("ed25519").privateKey);

function readKey(path: string): KeyObject {
  const stat = lstatSync(path);
  if (!stat.isFile()) throw storeErrors.identity(`${path} is not a regular file; put the key itself there`);
  if ((stat.mode & 0o077) !== 0)
    throw storeErrors.identity(
      `${path} can be read by other users; run: chmod 600 ${path} (and enrol anew if they may have copied it)`,
    );
  const key = createPrivateKey(readFileSync(path, "utf8"));
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`it holds a key of type ${key.asymmetricKeyType}`);
  return key;
}

/** Written aside and linked into place, which fails rather than replaces a key that appeared meanwhile. */
function createKeyFile(path: string): void {
  const dir = dirname(path);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  writeDurably(temporary, pem);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncPath(dir);
}

/** A new file with these bytes, 0600, on the disk when this returns. */
export function writeDurably(path: string, text: string): void {
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function keyPairOf(privateKey: KeyObject): KeyPair {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = new Uint8Array(Buffer.from(x ?? "", "base64url"));
  return {
    id: keyIdOf(publicKey),
    publicKey,
    sign: (message) => signBytes(null, bytesOf(message), privateKey).toString("base64"),
  };
}

/** The raw public key of a private one (PKCS #8 PEM). */
export const publicKeyOf = (pem: string): Uint8Array => keyPairOf(createPrivateKey(pem)).publicKey;

/** Check a signature with a raw public key; false also for a key or signature of the wrong form. */
export function verifySignature(
  publicKey: Uint8Array,
  message: string | Uint8Array,
  signature: string,
): boolean {
  if (publicKey.length !== 32) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verifyBytes(null, bytesOf(message), key, Buffer.from(signature, "base64"));
}

const bytesOf = (message: string | Uint8Array): Uint8Array =>
  typeof message === "string" ? new TextEncoder().encode(message) : message;
