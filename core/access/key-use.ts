/** Keys in use: found fast, refused from foreign addresses, and each new address written down. */
import type { Clock, Principal } from "cortex";
import type { KeyRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { isInRanges, placeOf } from "./address-ranges.ts";
import { actorOf, type Audit } from "./audit.ts";
import type { Refusals } from "./refusals.ts";

/** A key that is used from more places than these is a public one; further places are no news. */
const MAX_PLACES = 100;

export interface KeyUseDeps {
  clock: Clock;
  store: MonitorStore;
  audit: Audit;
  refusals: Refusals;
}

export function createKeyUse({ clock, store, audit, refusals }: KeyUseDeps) {
  const { keys } = store.access;
  /** Keys as stored, for nodes that show theirs with every message; emptied whenever a door is closed. */
  const known = new Map<string, KeyRow>();
  const used = new Map<string, { at: number; ip: string }>();

  function find(id: string): KeyRow | null {
    const key = known.get(id) ?? keys.get(id);
    // Only keys that exist: guesses must not fill the memory.
    if (key !== null) known.set(id, key);
    return key;
  }

  function learn(key: KeyRow, principal: Principal, ip: string): void {
    const place = placeOf(ip);
    if (key.knownAddresses.includes(place) || key.knownAddresses.length >= MAX_PLACES) return;
    const places = [...key.knownAddresses, place];
    store.transaction(() => {
      keys.change(key.id, { knownAddresses: places });
      audit("key.used", actorOf(principal), { key: key.id, ip, place });
    });
    known.set(key.id, { ...key, knownAddresses: places });
  }

  return {
    find,
    /** Whether the holder of a key may come in from this address; what is refused is written down. */
    admit(principal: Principal, ip: string): boolean {
      if (principal.kind !== "key" && principal.kind !== "node") return true;
      const key = find(principal.id);
      if (key === null) return false;
      if (key.addresses !== null && !isInRanges(ip, key.addresses)) {
        refusals.note({
          kind: "auth.refused",
          actor: actorOf(principal),
          payload: { key: key.id, ip, because: "address" },
        });
        return false;
      }
      learn(key, principal, ip);
      used.set(key.id, { at: clock.now(), ip });
      return true;
    },
    forget: () => known.clear(),
    /** Write down when and from where keys were used last; not at every request, each is a commit. */
    save(): void {
      for (const [id, { at, ip }] of used) keys.touch(id, at, ip);
      used.clear();
    },
  };
}
