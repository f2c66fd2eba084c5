/**
 * `KEYS/tokens.json` (0600): the Ed25519 keys that sign this Monitor's tokens, newest first. A new one is made every 30
 * days; the one before stays for as long as a token of it may live. Without the file all tokens end, and nothing else.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { TokenKey, TokenKeys } from "cortex";
import * as z from "zod";
import { syncPath } from "./durable.ts";
import { storeErrors, withStoreErrors } from "./errors.ts";

export const ROTATE_MS = 30 * 86_400_000;
/** Longer than any token lives. */
export const KEEP_FORMER_MS = 3_600_000;

const fileSchema = z.strictObject({
  keys: z
    .array(z.strictObject({ createdAt: z.number(), pkcs8: z.string().describe("Base64") }))
    .min(1)
    .max(2),
});
type StoredKey = z.infer<typeof fileSchema>["keys"][number];

interface Loaded {
  id: string;
  createdAt: number;
  privateKey: Promise<CryptoKey>;
  publicKey: Promise<CryptoKey>;
}

/** The keys below `keysDir`; made at their first use. `now`: epoch ms. Errors: `store.identity`. */
export function createTokenKeys(keysDir: string, issuer: string, now: () => number): TokenKeys {
  const path = join(keysDir, "tokens.json");
  let stored: StoredKey[] | null = null;
  const known = new Map<string, Loaded>();

  function load(): StoredKey[] {
    stored ??= withStoreErrors(path, () => read(path));
    return stored;
  }

  function save(keys: StoredKey[]): void {
    withStoreErrors(path, () => write(path, keys));
    stored = keys;
  }

  /** Newest first; made and replaced as their age asks for. */
  function keysOfNow(): Loaded[] {
    const keys = load();
    const [newest, former] = keys;
    const age = newest === undefined ? Number.POSITIVE_INFINITY : now() - newest.createdAt;
    // A clock that went back is no reason for a new key, unless it went back by far.
    if (newest === undefined || age >= ROTATE_MS || age < -ROTATE_MS)
      save([{ createdAt: now(), pkcs8: makeKey() }, ...(newest === undefined ? [] : [newest])]);
    else if (former !== undefined && age >= KEEP_FORMER_MS) save([newest]);
    const current = load().map(loadedOf);
    for (const id of known.keys()) if (!current.some((one) => one.id === id)) known.delete(id);
    return current;
  }

  function loadedOf({ createdAt, pkcs8 }: StoredKey): Loaded {
    const der = Buffer.from(pkcs8, "base64");
    const publicKey = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
    const spki = publicKey.export({ type: "spki", format: "der" });
    const id = createHash("sha256").update(spki).digest("base64url").slice(0, 22);
    const loaded = known.get(id) ?? {
      id,
      createdAt,
      privateKey: crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]),
      publicKey: crypto.subtle.importKey("spki", new Uint8Array(spki), "Ed25519", true, ["verify"]),
    };
    known.set(id, loaded);
    return loaded;
  }

  return {
    issuer,
    async current(): Promise<TokenKey> {
      const { id, privateKey } = keysOfNow()[0]!;
      return { id, privateKey: await privateKey };
    },
    async find(id) {
      // Nothing is signed yet where there is no key: looking for one makes none.
      if (load().length === 0) return null;
      return (await keysOfNow().find((one) => one.id === id)?.publicKey) ?? null;
    },
  };
}

const makeKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");

function read(path: string): StoredKey[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isFile() || (stat.mode & 0o077) !== 0)
    throw storeErrors.identity(
      `${path} must be a regular file that others can't read; run: chmod 600 ${path}`,
    );
  const parsed = fileSchema.safeParse(jsonOf(readFileSync(path, "utf8")));
  if (!parsed.success)
    throw storeErrors.identity(
      `${path} can't be read as token keys; move it away: new ones are made, tokens end`,
    );
  return parsed.data.keys;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function write(path: string, keys: StoredKey[]): void {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, "wx", 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ keys })}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncPath(join(path, ".."));
}
