/**
 * The key with which this Monitor decides, and the links by which it came from the ones before. A rotation is two steps on
 * the disk, the link and then the key; one that was cut short in between is finished at the next start. The private half of
 * a replaced key is gone at once: what it signed before stays good for a while, but it signs nothing more.
 */
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { keyLink, type KeyLink, keyLinkBytes, MAX_LINKS, MAX_OVERLAP_MS } from "../domain/decide/key-link.ts";
import { syncPath } from "./durable.ts";
import { storeErrors, withStoreErrors } from "./errors.ts";
import { keyName, loadDecisionKey } from "./identity.ts";
import { type KeyPair, loadKeyPair, writeDurably } from "./key-file.ts";

export interface DecidingKey {
  /** base64url of the raw public key in force. */
  readonly name: string;
  readonly publicKey: Uint8Array;
  /** Base64 signature. */
  sign(message: string): string;
  /** From the oldest key to the one in force; empty when it was never replaced. */
  links(): readonly KeyLink[];
  /** Names of keys whose signatures count now: the one in force, and those just replaced. */
  trusted(now: number): string[];
  /** The key to come, made when it is first asked for; it decides nothing until `rotate`. */
  next(): string;
  /** Errors: `store.*`; then the old key decides on. */
  rotate(monitor: Pick<KeyPair, "sign">, terms: { now: number; keepsOld: boolean }): KeyLink;
}

const NEXT = "the key this Monitor will decide with";

/** Errors: `store.identity`, those of the file system. */
export function loadDecidingKey(keysDir: string): DecidingKey {
  const paths = {
    key: join(keysDir, "decision.key"),
    next: join(keysDir, "decision.next.key"),
    links: join(keysDir, "decision.links.json"),
  };
  const kept = readLinks(paths.links);
  let key = loadDecisionKey(keysDir);
  const nameOf = () => keyName(key.publicKey);

  function useNext(): void {
    withStoreErrors(paths.key, () => {
      renameSync(paths.next, paths.key);
      syncPath(keysDir);
    });
    key = loadDecisionKey(keysDir);
  }

  const isCutShort =
    existsSync(paths.next) && kept.at(-1)?.to === keyName(loadKeyPair(paths.next, NEXT).publicKey);
  if (isCutShort) useNext();
  // Of a key that came back from an older backup, the links that lead past it lead to one that is not here.
  let links = kept.slice(0, kept.findLastIndex(({ to }) => to === nameOf()) + 1);

  return {
    get name() {
      return nameOf();
    },
    get publicKey() {
      return key.publicKey;
    },
    sign: (message) => key.sign(message),
    links: () => links,
    trusted: (now) => [
      nameOf(),
      ...links.filter(({ at, until }) => at <= now && now < until).map(({ from }) => from),
    ],
    next: () => keyName(loadKeyPair(paths.next, NEXT).publicKey),
    rotate(monitor, { now, keepsOld }) {
      const next = loadKeyPair(paths.next, NEXT);
      const unsigned: KeyLink = {
        v: 1,
        type: "cortex.deciding-key",
        from: nameOf(),
        to: keyName(next.publicKey),
        at: now,
        until: keepsOld ? now + MAX_OVERLAP_MS : now,
        signatures: { from: "", to: "", monitor: "" },
      };
      const message = keyLinkBytes(unsigned);
      const signatures = { from: key.sign(message), to: next.sign(message), monitor: monitor.sign(message) };
      const link = { ...unsigned, signatures };
      const all = [...links, link].slice(-MAX_LINKS);
      withStoreErrors(paths.links, () => {
        writeDurably(`${paths.links}.tmp`, `${JSON.stringify(all)}\n`);
        renameSync(`${paths.links}.tmp`, paths.links);
        syncPath(keysDir);
      });
      useNext();
      links = all;
      return link;
    },
  };
}

function readLinks(path: string): KeyLink[] {
  if (!existsSync(path)) return [];
  try {
    return z.array(keyLink).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw storeErrors.identity(
      `${path} should hold the links between the keys this Monitor decided with and does not; restore it from a backup`,
      { cause },
    );
  }
}
