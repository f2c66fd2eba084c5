/** API keys: made, rotated, deleted. A secret is in one answer and nowhere else. Every change is in the audit chain. */
import {
  type AuthProvider,
  type Clock,
  defineErrors,
  type Grant,
  type Permission,
  type Principal,
  type StoredKey,
} from "cortex";
import { highestRole, normalizeGrants } from "../domain/access.ts";
import type { KeyRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { assertGrants } from "./accounts.ts";
import { isAddressRange } from "./address-ranges.ts";
import { actorOf, type Audit } from "./audit.ts";

export const keyErrors = defineErrors("auth", {
  no_key_method: "unavailable",
  key_unknown: "not_found",
  key_node: "invalid",
  key_grants: "invalid",
  key_expiry: "invalid",
  key_range: "invalid",
  key_grace: "invalid",
});

/** A key that nobody says more about ends after a year, so that forgotten ones do. */
export const DEFAULT_LIFETIME_MS = 365 * 86_400_000;
/** How long a rotated secret may go on: a day is enough to bring the new one everywhere. */
export const MAX_GRACE_MS = 86_400_000;

export interface NewKey {
  name: string;
  /** Empty for a node's key, which speaks for `nodeId` and may nothing else. */
  grants: readonly Grant[];
  /** null: all that the grants allow. */
  permissions: readonly Permission[] | null;
  nodeId: string | null;
  /** Epoch ms; null: never. undefined: after a year, or never for a node's key. */
  expiresAt?: number | null;
  /** CIDR; null: from anywhere. */
  addresses: readonly string[] | null;
}

export interface MadeKey {
  key: KeyRow;
  /** Not stored. */
  secret: string;
}

export interface KeysDeps {
  clock: Clock;
  store: MonitorStore;
  providers: () => AuthProvider[];
  audit: Audit;
  /** A door was closed. */
  revoked: () => void;
}

export type Keys = ReturnType<typeof createKeys>;

export function createKeys({ clock, store, providers, audit, revoked }: KeysDeps) {
  const { keys } = store.access;

  function makeSecret(id?: string) {
    const provider = providers().find((one) => one.createKey !== undefined);
    if (!provider?.createKey)
      throw keyErrors.no_key_method(
        "no plugin can make keys; enable auth-key in the configuration file: cortex config path",
      );
    return provider.createKey(id);
  }

  function required(id: string): KeyRow {
    const key = keys.get(id);
    if (key === null) throw keyErrors.key_unknown("no key has this id; see the list of keys");
    return key;
  }

  return {
    async create(wanted: NewKey, by: Principal): Promise<MadeKey> {
      assertFits(wanted, clock.now());
      assertGrants(wanted.grants, by);
      const { id, secret, secretHash } = await makeSecret();
      const grants = normalizeGrants(wanted.grants);
      const key: KeyRow = {
        id,
        name: wanted.name,
        nodeId: wanted.nodeId,
        role: wanted.nodeId === null ? highestRole(grants) : "node",
        grants,
        permissions: wanted.permissions && [...wanted.permissions],
        addresses: wanted.addresses && [...wanted.addresses],
        expiresAt: expiryOf(wanted, clock.now()),
        secretHash,
        formerHash: null,
        formerUntil: null,
        rotatedAt: null,
        version: 1,
        createdBy: actorOf(by),
        createdAt: clock.now(),
        lastUsedAt: null,
        lastAddress: null,
        knownAddresses: [],
      };
      store.transaction(() => {
        keys.add(key);
        const { name, nodeId, permissions, addresses, expiresAt } = key;
        const until = expiresAt === null ? null : new Date(expiresAt).toISOString();
        audit("key.created", actorOf(by), { key: id, name, grants, permissions, nodeId, addresses, until });
      });
      return { key, secret };
    },
    /** A new secret for the same key. The old one goes on for `graceMs`, or ends at once together with all tokens. */
    async rotate(id: string, graceMs: number, by: Principal): Promise<MadeKey> {
      if (graceMs < 0 || graceMs > MAX_GRACE_MS)
        throw keyErrors.key_grace("the old secret can go on for at most 24 hours");
      // Who gets the new secret can do what the key can.
      assertGrants(required(id).grants, by);
      const { secret, secretHash } = await makeSecret(id);
      const key = store.transaction(() => {
        const before = required(id);
        const now = clock.now();
        keys.change(id, {
          secretHash,
          formerHash: graceMs > 0 ? before.secretHash : null,
          formerUntil: graceMs > 0 ? now + graceMs : null,
          rotatedAt: now,
          version: before.version + (graceMs > 0 ? 0 : 1),
        });
        audit("key.rotated", actorOf(by), { key: id, name: before.name, graceSeconds: graceMs / 1000 });
        return required(id);
      });
      revoked();
      return { key, secret };
    },
    remove(id: string, by: Principal): void {
      store.transaction(() => {
        const key = required(id);
        keys.remove(id);
        audit("key.deleted", actorOf(by), { key: id, name: key.name });
      });
      revoked();
    },
  };
}

function assertFits({ nodeId, grants, expiresAt, addresses }: NewKey, now: number): void {
  if (nodeId !== null && grants.length > 0)
    throw keyErrors.key_node("a node's key speaks for its node; it has no other grants");
  if (typeof expiresAt === "number" && expiresAt <= now)
    throw keyErrors.key_expiry("the key would have ended already; choose a time that is to come");
  const bad = addresses?.find((range) => !isAddressRange(range));
  if (bad !== undefined)
    throw keyErrors.key_range("an address range is written 192.0.2.0/24, 2001:db8::/32 or as one address");
}

function expiryOf({ nodeId, expiresAt }: NewKey, now: number): number | null {
  if (expiresAt !== undefined) return expiresAt;
  return nodeId === null ? now + DEFAULT_LIFETIME_MS : null;
}

/** What providers see of a key: null once it ended, without a former secret that ended. */
export function storedKey(row: KeyRow | null, now: number): StoredKey | null {
  if (row === null || (row.expiresAt !== null && row.expiresAt <= now)) return null;
  const { formerHash, formerUntil } = row;
  const isFormerAlive = formerHash !== null && formerUntil !== null && now < formerUntil;
  return { ...row, former: isFormerAlive ? { secretHash: formerHash, until: formerUntil } : null };
}
