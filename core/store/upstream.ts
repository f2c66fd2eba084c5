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

const upstream = z.strictObject({
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
});
export type Upstream = z.infer<typeof upstream>;

export interface UpstreamFiles {
  /** null before the node has joined. */
  read(): Upstream | null;
  write(upstream: Upstream): void;
  /** Leave: upstream and session are forgotten. False when there was none. */
  remove(): boolean;
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

  return {
    read() {
      if (!exists(paths.upstream)) return null;
      try {
        return upstream.parse(JSON.parse(readFileSync(paths.upstream, "utf8")));
      } catch (cause) {
        throw storeErrors.identity(
          `${paths.upstream} should hold the Monitor this node has joined and does not; run: cortex leave, and join again`,
          { cause },
        );
      }
    },
    write: (value) => replace(paths.upstream, `${JSON.stringify(value, null, 2)}\n`),
    remove() {
      const was = exists(paths.upstream);
      rmSync(paths.upstream, { force: true });
      rmSync(paths.session, { force: true });
      if (was) syncPath(keysDir);
      return was;
    },
    session: () => (exists(paths.session) ? readFileSync(paths.session, "utf8").trim() || null : null),
    setSession(session) {
      if (session === null) rmSync(paths.session, { force: true });
      else replace(paths.session, `${session}\n`);
    },
  };
}
