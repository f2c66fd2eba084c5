/**
 * Changes of whom this node believes that are not in its ledger yet: `KEYS/trust-notes.json`. A note is on the disk before the change
 * takes effect, so that neither a crash nor a command that works without the ledger leaves one without a trace.
 */
import { lstatSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { syncPath } from "./durable.ts";
import { storeErrors, withStoreErrors } from "./errors.ts";
import { writeDurably } from "./key-file.ts";
import { upstream } from "./upstream.ts";

export const TRUST_CHANGES = [
  "upstream.joined",
  "upstream.left",
  "trust.removed",
  "deciding_key.trusted",
  "deciding_key.followed",
] as const;

const note = z.strictObject({
  id: z.string(),
  /** Epoch ms. */
  at: z.number(),
  actor: z.string(),
  kind: z.enum(TRUST_CHANGES),
  data: z.record(z.string(), z.unknown()),
  /** What holds afterwards. */
  next: upstream.nullable(),
  /** It took effect; only the ledger does not know of it. */
  isDone: z.boolean(),
});
export type TrustNote = z.infer<typeof note>;

export interface TrustNotes {
  /** Oldest first. Errors: `store.identity`. */
  pending(): TrustNote[];
  /** On the disk when it returns. */
  keep(notes: readonly TrustNote[]): void;
}

export function createTrustNotes(keysDir: string): TrustNotes {
  const path = join(keysDir, "trust-notes.json");
  const exists = () => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return {
    pending() {
      if (!exists()) return [];
      try {
        return z.array(note).parse(JSON.parse(readFileSync(path, "utf8")));
      } catch (cause) {
        throw storeErrors.identity(
          `${path} should hold changes of whom this node believes and does not; find out who changed it, then move it away`,
          { cause },
        );
      }
    },
    keep: (notes) =>
      withStoreErrors(path, () => {
        if (notes.length === 0 && !exists()) return;
        if (notes.length === 0) rmSync(path, { force: true });
        else {
          writeDurably(`${path}.tmp`, `${JSON.stringify(notes, null, 2)}\n`);
          renameSync(`${path}.tmp`, path);
        }
        syncPath(keysDir);
      }),
  };
}
