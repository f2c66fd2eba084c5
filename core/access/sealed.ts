/** Stored secrets as a whole: whether they can be read with the key at hand, and a new key for all of them. */
import { isCortexError } from "cortex";
import type { Reseal, SealedPlace, Vault } from "../ports/secrets/vault.ts";
import { createAudit, type Chain } from "./audit.ts";

/** A database in which sealed records lie. */
export interface SealedStore {
  sealed: readonly SealedPlace[];
  transaction<T>(work: () => T): T;
}

/**
 * A key that is not the one of this database is found at the start instead of at the first sign-in: one record of each
 * place is opened. Errors: `vault.unreadable`, `vault.key_refused`.
 */
export function checkKey(store: Pick<SealedStore, "sealed">, vault: Vault): void {
  vault.check();
  for (const place of store.sealed) {
    const row = place.rows()[0];
    if (row !== undefined) vault.open(place.purpose, row.id, row.record);
  }
}

/**
 * All records under a new key: those of `store` in one transaction with the entry of who wanted it, those of other databases
 * of this node before. Where a later one fails, the old key is not forgotten. Returns how many there were.
 */
export function rotateKey(
  store: SealedStore & Chain,
  vault: Vault,
  options: { actor: string; keepOld: boolean; others?: readonly SealedStore[] },
): number {
  let records = 0;
  vault.rotate((reseal) => {
    for (const one of options.others ?? []) records += one.transaction(() => resealAll(one, reseal));
    store.transaction(() => {
      records += resealAll(store, reseal);
      createAudit(store)("secrets.rotated", options.actor, { records, keptOld: options.keepOld });
    });
  }, options);
  return records;
}

function resealAll({ sealed }: Pick<SealedStore, "sealed">, reseal: Reseal): number {
  let count = 0;
  for (const { purpose, mayBeLost, rows, write } of sealed)
    for (const { id, record } of rows())
      try {
        write(id, reseal(purpose, id, record));
        count += 1;
      } catch (error) {
        if (mayBeLost !== true || !isCortexError(error) || error.code !== "vault.unreadable") throw error;
      }
  return count;
}
