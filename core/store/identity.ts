/**
 * Who this node is: an Ed25519 key pair, made at the first start. The node id is derived from that first key and stays, also
 * when the node gives itself a new one: `keys/node.json` then holds the id and the keys it had before.
 */
import { lstatSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { nodeIdOf } from "../domain/node-key.ts";
import { syncPath } from "./durable.ts";
import { storeErrors, withStoreErrors } from "./errors.ts";
import { ephemeralKeyPair, type KeyPair, loadKeyPair, verifySignature, writeDurably } from "./key-file.ts";

export interface NodeIdentity {
  /** `n_` + 26 characters. */
  readonly nodeId: string;
  /** Of the key in use, `k_…`. */
  readonly keyId: string;
  /** The raw 32 bytes of the key in use. */
  readonly publicKey: Uint8Array;
  /** Base64 Ed25519 signature by the key in use. */
  sign(message: string | Uint8Array): string;
  /** Whether `signature` is this node's own over `message`, by any key it ever had. */
  verify(message: string | Uint8Array, signature: string): boolean;
}

export interface StoredIdentity extends NodeIdentity {
  /** Raw keys it ever had, the one in use first. */
  publicKeys(): Uint8Array[];
  /** The key to come; the same one until it is taken into use or dropped, also after a restart. */
  nextKey(): KeyPair;
  /** Whether a next key was made and not taken into use. */
  hasNextKey(): boolean;
  /** Take the next key, which must be this one, into use; the old one only verifies from now on. */
  useNextKey(id: string): void;
  /** Another id than the key's own, after a recovery. */
  adopt(nodeId: string): void;
}

const kept = z.strictObject({
  id: z.string().regex(/^n_[a-z2-7]{26}$/),
  /** Raw public keys of before, base64. */
  retired: z.array(z.string()),
});

/** The identity kept in `KEYS`; made if there is none. Errors: `store.identity`. */
export function loadIdentity(keysDir: string): StoredIdentity {
  const paths = {
    key: join(keysDir, "node.key"),
    next: join(keysDir, "node.next.key"),
    kept: join(keysDir, "node.json"),
  };
  let key = loadKeyPair(paths.key, "this node's key");
  let { id, retired } = readKept(paths.kept) ?? { id: nodeIdOf(key.publicKey), retired: [] };
  const write = () => {
    const temporary = `${paths.kept}.tmp`;
    writeDurably(temporary, `${JSON.stringify({ id, retired })}\n`);
    renameSync(temporary, paths.kept);
    syncPath(keysDir);
  };

  return {
    get nodeId() {
      return id;
    },
    get keyId() {
      return key.id;
    },
    get publicKey() {
      return key.publicKey;
    },
    sign: (message) => key.sign(message),
    verify: (message, signature) =>
      verifySignature(key.publicKey, message, signature) ||
      retired.some((old) => verifySignature(Buffer.from(old, "base64"), message, signature)),
    publicKeys: () => [key.publicKey, ...retired.map((old) => new Uint8Array(Buffer.from(old, "base64")))],
    nextKey: () => loadKeyPair(paths.next, "this node's next key"),
    hasNextKey: () => lstatSync(paths.next, { throwIfNoEntry: false }) !== undefined,
    useNextKey(wanted) {
      withStoreErrors(paths.key, () => {
        const next = loadKeyPair(paths.next, "this node's next key");
        // A key that nobody was told of would shut this node out.
        if (next.id !== wanted)
          throw storeErrors.identity(
            `${paths.next} is not the key that was offered; it is not taken into use`,
          );
        // The old key is on the list before it is gone: what it signed stays provable.
        retired = [...retired, Buffer.from(key.publicKey).toString("base64")];
        write();
        renameSync(paths.next, paths.key);
        syncPath(keysDir);
        key = next;
      });
    },
    adopt(nodeId) {
      id = nodeId;
      withStoreErrors(paths.kept, write);
    },
  };
}

function readKept(path: string): z.infer<typeof kept> | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  try {
    return kept.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw storeErrors.identity(`${path} should hold this node's id and does not; restore it from a backup`, {
      cause,
    });
  }
}

/** The key with which this Monitor decides; apart from the node's, so that each can be replaced alone. */
export const loadDecisionKey = (keysDir: string): KeyPair =>
  loadKeyPair(join(keysDir, "decision.key"), "the key this Monitor decides with");

/** base64url of the raw public key: how a key is named in approvals and trust stores. */
export const keyName = (publicKey: Uint8Array): string => Buffer.from(publicKey).toString("base64url");

/** An identity that is kept nowhere, for tests and one-shot commands. */
export function ephemeralIdentity(): NodeIdentity {
  const { id, publicKey, sign } = ephemeralKeyPair();
  return {
    nodeId: nodeIdOf(publicKey),
    keyId: id,
    publicKey,
    sign,
    verify: (message, signature) => verifySignature(publicKey, message, signature),
  };
}

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
