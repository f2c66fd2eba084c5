/**
 * The key that encrypts other keys (KEK): 32 random bytes that lie outside the data folder, so that neither a database
 * nor a backup nor a copy of the whole data folder gives the secrets in it away.
 */
import { createHash, hkdfSync, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { defineErrors, messageOf } from "cortex";

export const vaultErrors = defineErrors("vault", {
  no_key: "unavailable",
  key_refused: "invalid",
  unreadable: "internal",
  read_only: "conflict",
});

const KEY_BYTES = 32;
const CREDENTIAL = "cortex-kek";

export interface KeyEncryptionKey {
  /** First 8 hex digits of a digest of the key: tells keys apart, says nothing about them. */
  version: string;
  bytes: Uint8Array;
}

/** The keys in use, the current one first; older ones only open what was sealed with them. */
export interface KeyRing {
  /** Where they come from, for people: a path, or "systemd credential cortex-kek". */
  readonly where: string;
  /** Empty when there is no key yet. Errors: `vault.key_refused`. */
  read(): readonly KeyEncryptionKey[];
  /** Make the first key; the one that is there wins when two do it at once. Errors: `vault.no_key`. */
  create(): readonly KeyEncryptionKey[];
  /** Replace the keys, durably. Errors: `vault.read_only` for a systemd credential. */
  replace(keys: readonly KeyEncryptionKey[]): void;
}

export function keyOf(bytes: Uint8Array): KeyEncryptionKey {
  const name = hkdfSync("sha256", bytes, new Uint8Array(), "cortex.kek.version.v1", KEY_BYTES);
  const version = createHash("sha256").update(new Uint8Array(name)).digest("hex").slice(0, 8);
  return { version, bytes };
}

export const newKey = (): KeyEncryptionKey => keyOf(new Uint8Array(randomBytes(KEY_BYTES)));

export interface KeyRingOptions {
  /** `secrets.key_file`. */
  path: string;
  /** The key may not lie in here. */
  dataDir: string;
  /** $CREDENTIALS_DIRECTORY; its `cortex-kek` goes before the file. systemd.exec(5), LoadCredential. */
  credentialsDir?: string | undefined;
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const credential = options.credentialsDir === undefined ? null : join(options.credentialsDir, CREDENTIAL);
  if (credential !== null && lstatSync(credential, { throwIfNoEntry: false }) !== undefined)
    return credentialRing(credential);
  return fileRing(options.path, options.dataDir);
}

/** A ring that is kept nowhere, for tests and one-shot commands. */
export function memoryKeyRing(keys: readonly KeyEncryptionKey[] = [newKey()]): KeyRing {
  let held = keys;
  return {
    where: "memory",
    read: () => held,
    create: () => (held = held.length > 0 ? held : [newKey()]),
    replace: (next) => void (held = next),
  };
}

function credentialRing(path: string): KeyRing {
  const where = `systemd credential ${CREDENTIAL}`;
  const read = () => parseKeys(readFileSync(path), where);
  return {
    where,
    read,
    create: read,
    replace: () => {
      throw vaultErrors.read_only(
        `the key is the ${where}, which only systemd can change: put a new key on the first line of its file and keep ` +
          "the old one below it, restart, run cortex secrets rotate again, then remove the old line",
      );
    },
  };
}

function fileRing(path: string, dataDir: string): KeyRing {
  const read = (): readonly KeyEncryptionKey[] => {
    try {
      refuseExposed(path);
      return parseKeys(readFileSync(path), path);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ENOENT" || code === "ENOTDIR") return [];
      if (code?.startsWith("vault.")) throw error;
      throw vaultErrors.key_refused(
        `${path}, the key that protects stored secrets, can't be read (${messageOf(error)}): run this as the user that Cortex runs as`,
        { cause: error },
      );
    }
  };
  const write = (keys: readonly KeyEncryptionKey[], put: (temporary: string) => void) => {
    if (isInside(path, dataDir))
      throw vaultErrors.no_key(
        `the key must not lie in the data folder, where every copy of the secrets has it: set secrets.key_file to a path outside ${dataDir}`,
      );
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeDurably(temporary, keys.map((key) => `${Buffer.from(key.bytes).toString("base64")}\n`).join(""));
      put(temporary);
    } catch (error) {
      throw vaultErrors.no_key(
        `the key that protects stored secrets can't be written to ${path} (${messageOf(error)}): set secrets.key_file to a path that this user can write`,
        { cause: error },
      );
    } finally {
      // Not by force: where a file stands in place of the folder, that throws in Bun.
      if (existsSync(temporary)) rmSync(temporary);
    }
    syncFolder(dirname(path));
  };
  return {
    where: path,
    read,
    create: () => {
      const found = read();
      if (found.length > 0) return found;
      // A link fails where a rename would replace the key that another process made meanwhile.
      write([newKey()], (temporary) => {
        try {
          linkSync(temporary, path);
        } catch (error) {
          if ((error as { code?: string }).code !== "EEXIST") throw error;
        }
      });
      return read();
    },
    replace: (keys) => write(keys, (temporary) => renameSync(temporary, path)),
  };
}

/** One base64 key a line, the current one first; or the 32 bytes as they are. */
function parseKeys(content: Uint8Array, where: string): KeyEncryptionKey[] {
  if (content.length === KEY_BYTES) return [keyOf(new Uint8Array(content))];
  const lines = Buffer.from(content)
    .toString("latin1")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const keys = lines.map((line) => new Uint8Array(Buffer.from(line.trim(), "base64")));
  if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
    throw vaultErrors.key_refused(
      `${where} must hold ${KEY_BYTES} bytes, or lines of ${KEY_BYTES} bytes in base64: restore it from your copy, or make one with: openssl rand -base64 ${KEY_BYTES}`,
    );
  return keys.map(keyOf);
}

function refuseExposed(path: string): void {
  const stat = lstatSync(path);
  if (!stat.isFile())
    throw vaultErrors.key_refused(`${path} is not a regular file; put the key itself there`);
  if ((stat.mode & 0o077) !== 0)
    throw vaultErrors.key_refused(
      `other users can read ${path}, the key that protects stored secrets; run: chmod 400 ${path}, then cortex secrets rotate`,
    );
}

function isInside(path: string, dir: string): boolean {
  return `${realFolder(dirname(resolve(path)))}${sep}`.startsWith(`${realFolder(resolve(dir))}${sep}`);
}

/** The folder without symbolic links, as far as it exists already. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realFolder(parent), path.slice(parent.length));
  }
}

function writeDurably(path: string, text: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  rmSync(path, { force: true });
  const fd = openSync(path, flags, 0o400);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
