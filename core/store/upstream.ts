/**
 * The Monitor that this node has joined: `KEYS/upstream.json`, and the last session with it in `KEYS/session`. Both lie beside
 * the key and not in the database, which may be restored from an older copy.
 */
import { lstatSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { syncPath } from "./durable.ts";
import { storeErrors, withStoreErrors } from "./errors.ts";
import { writeDurably } from "./key-file.ts";

export const upstream = z.strictObject({
  url: z.url(),
  /** Raw Ed25519 key of the Monitor, base64; verified at the join and pinned from then on. */
  publicKey: z.string(),
  /** Fingerprint of the server, hex; null where a public authority vouches for it. */
  fingerprint: z.string().nullable(),
  /** Raw key whose decisions this node carries out, base64; told by the Monitor once, then kept until the next join. */
  decisionKey: z.string().nullable(),
  /** Keys that somebody on this node took away; none of them is believed again before the next join. */
  refusedKeys: z.array(z.string()).optional(),
  /** Keys that decided before and were replaced by a link; good from `since` to `until` (epoch ms), and never in force again. */
  replacedKeys: z.array(z.strictObject({ key: z.string(), since: z.number(), until: z.number() })).optional(),
  /** Epoch ms. */
  joinedAt: z.number(),
  /** When the key in use was made, epoch ms. */
  keySince: z.number(),
  /** What this node was called when it was joined; `node.name` of the configuration comes before it. */
  name: z.string().max(255).optional(),
});
export type Upstream = z.infer<typeof upstream>;

export interface UpstreamFiles {
  /** null before the node has joined. */
  read(): Upstream | null;
  /** What changes nothing of whom the node believes; all else goes by `Beliefs`. */
  write(upstream: Upstream): void;
  /** Another membership, or none: the session with the one before is forgotten first. */
  replace(next: Upstream | null): void;
  session(): string | null;
  /** On the disk when it returns. */
  setSession(session: string | null): void;
}

/** Errors: `store.identity`, those of the file system. */
export function createUpstreamFiles(keysDir: string): UpstreamFiles {
  const paths = { upstream: join(keysDir, "upstream.json"), session: join(keysDir, "session") };
  const exists = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const replace = (path: string, text: string) =>
    withStoreErrors(path, () => {
      writeDurably(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
      syncPath(keysDir);
    });

  const parsed = () => upstream.parse(JSON.parse(readFileSync(paths.upstream, "utf8")));
  const toText = (value: Upstream) => `${JSON.stringify(value, null, 2)}\n`;

  function isSameMembership(next: Upstream): boolean {
    try {
      const { publicKey, joinedAt } = parsed();
      return publicKey === next.publicKey && joinedAt === next.joinedAt;
    } catch {
      return false;
    }
  }

  return {
    read() {
      if (!exists(paths.upstream)) return null;
      try {
        return parsed();
      } catch (cause) {
        throw storeErrors.identity(
          `${paths.upstream} should hold the Monitor this node has joined and does not; run: cortex leave, and join again`,
          { cause },
        );
      }
    },
    write: (value) => replace(paths.upstream, toText(value)),
    replace(next) {
      if (next === null || !isSameMembership(next)) rmSync(paths.session, { force: true });
      if (next !== null) return replace(paths.upstream, toText(next));
      rmSync(paths.upstream, { force: true });
      syncPath(keysDir);
    },
    session: () => (exists(paths.session) ? readFileSync(paths.session, "utf8").trim() || null : null),
    setSession(session) {
      if (session === null) rmSync(paths.session, { force: true });
      else replace(paths.session, `${session}\n`);
    },
  };
}
