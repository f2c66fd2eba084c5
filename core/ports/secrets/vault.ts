/**
 * Secrets at rest. A sealed record is useless without the key, in another row, in another column and after a changed
 * bit. What only has to be compared (API keys, join tokens, session ids) is hashed instead and never comes here.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { type KeyEncryptionKey, type KeyRing, memoryKeyRing, newKey, vaultErrors } from "./key-ring.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** `table.column`. */
const PURPOSE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;

export interface Vault {
  /** Where the key comes from, for people. */
  readonly where: string;
  /**
   * Encrypt a text for one place: `purpose` is `table.column`, `rowId` the row's primary key. The result is text:
   * `v1|KEY|NONCE|CIPHERTEXT|TAG`, KEY being the key's version, the others base64url. AES-256-GCM under a key derived for
   * this purpose (HKDF-SHA256, RFC 5869), with `purpose|rowId|KEY` as additional data. The first call makes the key if
   * there is none. Errors: `vault.no_key`, `vault.key_refused`.
   */
  seal(purpose: string, rowId: string, text: string): string;
  /**
   * The text again. Errors: `vault.unreadable` for a record that was changed, moved to another row, or sealed with a
   * key that is not here.
   */
  open(purpose: string, rowId: string, record: string): string;
  /** Read the key, to say at the start what is wrong with it; false when there is none yet. Errors: `vault.key_refused`. */
  check(): boolean;
  /**
   * Use a new key from now on. `rewrap` is called with the vault and must seal every stored record anew, in one
   * transaction; only when it has returned is the old key forgotten. After a crash in between both keys are known, and
   * rotating again ends it. `keepOld` keeps the old key for reading older backups.
   */
  rotate(rewrap: (reseal: Reseal) => void, options?: { keepOld?: boolean }): void;
}

/** The same secret, sealed with the current key. */
export type Reseal = (purpose: string, rowId: string, record: string) => string;

/** Where sealed records lie. A column that holds some is one of these, or a new key would leave it behind. */
export interface SealedPlace {
  /** `table.column`, as given to the vault. */
  purpose: string;
  /** Records whose key was lost stay as they are when the others get a new one; whoever wrote them does without. */
  mayBeLost?: boolean;
  rows(): { id: string; record: string }[];
  write(id: string, record: string): void;
}

export function createVault(ring: KeyRing): Vault {
  let keys: readonly KeyEncryptionKey[] = [];
  const known = () => (keys.length > 0 ? keys : (keys = ring.read()));
  const current = (): KeyEncryptionKey => {
    const all = known().length > 0 ? keys : (keys = ring.create());
    return all[0]!;
  };

  function seal(purpose: string, rowId: string, text: string): string {
    const key = current();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, subkey(key, purpose), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(`${purpose}|${rowId}|${key.version}`));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    const parts = [nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url"));
    return ["v1", key.version, ...parts].join("|");
  }

  function open(purpose: string, rowId: string, record: string): string {
    const [format, version, nonce, sealed, tag, ...rest] = record.split("|");
    const where = `the secret in ${purpose} of row ${rowId}`;
    if (
      format !== "v1" ||
      nonce === undefined ||
      sealed === undefined ||
      tag === undefined ||
      rest.length > 0
    )
      throw vaultErrors.unreadable(`${where} is no sealed record`);
    const key = known().find((one) => one.version === version);
    if (key === undefined)
      throw vaultErrors.unreadable(
        `${where} was sealed with key ${version}, which ${ring.where} does not hold: put that key back as a further line`,
      );
    const bytes = (part: string) => Buffer.from(part, "base64url");
    try {
      const decipher = createDecipheriv(CIPHER, subkey(key, purpose), bytes(nonce), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(`${purpose}|${rowId}|${version}`));
      decipher.setAuthTag(bytes(tag));
      return Buffer.concat([decipher.update(bytes(sealed)), decipher.final()]).toString("utf8");
    } catch (error) {
      throw vaultErrors.unreadable(`${where} was changed, or belongs to another row`, { cause: error });
    }
  }

  return {
    where: ring.where,
    seal,
    open,
    check: () => (keys = ring.read()).length > 0,
    rotate(rewrap, options = {}) {
      const reseal: Reseal = (purpose, rowId, record) => seal(purpose, rowId, open(purpose, rowId, record));
      // A credential's keys are changed by whoever owns it: here only the records are taken over to its first one.
      const isOurs = !ring.where.startsWith("systemd");
      const before = known();
      // A second key is there after a rotation that was cut short, or a `keepOld`: nothing is lost with one more.
      const next = isOurs ? [newKey(), ...before] : before;
      if (isOurs) ring.replace(next);
      keys = next;
      rewrap(reseal);
      if (!isOurs) return;
      keys = options.keepOld === true ? next : next.slice(0, 1);
      ring.replace(keys);
    },
  };
}

/** A vault whose key dies with the process. */
export const ephemeralVault = (): Vault => createVault(memoryKeyRing());

function subkey(key: KeyEncryptionKey, purpose: string): Uint8Array {
  if (!PURPOSE.test(purpose)) throw vaultErrors.unreadable(`${JSON.stringify(purpose)} is no table.column`);
  return new Uint8Array(hkdfSync("sha256", key.bytes, new Uint8Array(), `cortex.vault.v1|${purpose}`, 32));
}
