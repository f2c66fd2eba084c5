/** Stored secrets as a whole: whether they can be read with the key at hand, and a new key for all of them. */
import type { Vault } from "../ports/vault.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { createAudit } from "./audit.ts";

/**
 * A key that is not the one of this database is found at the start instead of at the first sign-in: one record of each
 * place is opened. Errors: `vault.unreadable`, `vault.key_refused`.
 */
export function checkKey(store: MonitorStore, vault: Vault): void {
  vault.check();
  for (const place of store.sealed) {
    const row = place.rows()[0];
    if (row !== undefined) vault.open(place.purpose, row.id, row.record);
  }
}

/** All records under a new key, in one transaction with the entry of who wanted it. Returns how many there were. */
export function rotateKey(
  store: MonitorStore,
  vault: Vault,
  options: { actor: string; keepOld: boolean },
): number {
  let count = 0;
  vault.rotate((reseal) => {
    count = store.transaction(() => {
      const rows = store.sealed.flatMap((place) => place.rows().map((row) => ({ place, ...row })));
      for (const { place, id, record } of rows) place.write(id, reseal(place.purpose, id, record));
      createAudit(store)("secrets.rotated", options.actor, {
        records: rows.length,
        keptOld: options.keepOld,
      });
      return rows.length;
    });
  }, options);
  return count;
}
