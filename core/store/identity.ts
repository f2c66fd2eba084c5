/**
 * Who this node is: an Ed25519 key pair, made once at the first start and never replaced by the program. The node id is
 * derived from it, so that nobody else can take the id without the key.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { sign as signBytes, verify as verifyBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "cortex";
import { syncPath } from "./backup.ts";
import { codeOf, storeError, storeErrors, withStoreErrors } from "./errors.ts";

export interface NodeIdentity {
  /** `n_` + 26 characters. */
  nodeId: string;
  /** The raw 32 bytes. */
  publicKey: Uint8Array;
  /** Base64 Ed25519 signature. */
  sign(message: string | Uint8Array): string;
  /** Whether `signature` is this node's own over `message`. */
  verify(message: string | Uint8Array, signature: string): boolean;
}

/** The identity kept in `KEYS/node.key` (PKCS #8 PEM, 0600); made if there is none. Errors: `store.identity`. */
export const loadIdentity = (keysDir: string): NodeIdentity => loadKey(join(keysDir, "node.key"));

/** The key with which this Monitor decides; apart from the node's, so that each can be replaced alone. */
export const loadDecisionKey = (keysDir: string): NodeIdentity => loadKey(join(keysDir, "decision.key"));

/** base64url of the raw public key: how a key is named in approvals and trust stores. */
export const keyName = (publicKey: Uint8Array): string => Buffer.from(publicKey).toString("base64url");

function loadKey(path: string): NodeIdentity {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) createKey(path);
    return identityOf(readKey(path));
  } catch (error) {
    const mapped = storeError(error, path);
    if (mapped !== error || codeOf(error).startsWith("store.")) throw mapped;
    throw storeErrors.identity(
      `${path} can't be used as this node's key (${messageOf(error)}); restore it from a backup, or move it away to enrol ` +
        "this machine as a new node",
      { cause: error },
    );
  }
}

/** An identity that is kept nowhere, for tests and one-shot commands. */
export const ephemeralIdentity = (): NodeIdentity => identityOf(generateKeyPairSync("ed25519").privateKey);

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
function createKey(path: string): void {
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

function writeDurably(path: string, text: string): void {
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function identityOf(privateKey: KeyObject): NodeIdentity {
  const publicObject = createPublicKey(privateKey);
  const publicKey = rawPublicKey(publicObject);
  return {
    nodeId: nodeIdOf(publicKey),
    publicKey,
    sign: (message) => signBytes(null, bytesOf(message), privateKey).toString("base64"),
    verify: (message, signature) =>
      verifyBytes(null, bytesOf(message), publicObject, Buffer.from(signature, "base64")),
  };
}

/** Check another node's signature with its raw public key; false also for a key or signature of the wrong form. */
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

/** `n_` + the first 26 characters (130 bits) of base32(sha256(raw public key)), lower case. */
export function nodeIdOf(publicKey: Uint8Array): string {
  const digest = createHash("sha256").update(publicKey).digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
  // 17 bytes are 136 bits; the last 6 are not part of the name.
  bits >>= 6n;
  let name = "";
  for (let index = 0; index < 26; index += 1) {
    name = "abcdefghijklmnopqrstuvwxyz234567".charAt(Number(bits & 31n)) + name;
    bits >>= 5n;
  }
  return `n_${name}`;
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}

const bytesOf = (message: string | Uint8Array): Uint8Array =>
  typeof message === "string" ? new TextEncoder().encode(message) : message;

/**
 * Count this start. The number is durable before it is returned and lies beside the key, not in the database: messages are
 * told apart by (node, epoch, seq), so it must not go back when an older database is restored.
 */
export function nextEpoch(keysDir: string): number {
  const path = join(keysDir, "epoch");
  return withStoreErrors(path, () => {
    const epoch = readEpoch(path) + 1;
    const temporary = `${path}.tmp`;
    writeDurably(temporary, `${epoch}\n`);
    renameSync(temporary, path);
    syncPath(keysDir);
    return epoch;
  });
}

function readEpoch(path: string): number {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return 0;
  const text = readFileSync(path, "utf8").trim();
  if (!/^\d{1,15}$/.test(text))
    throw storeErrors.identity(
      `${path} should hold a number and does not; write a number above the last start's into it`,
    );
  return Number(text);
}
