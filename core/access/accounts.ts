/** Users: who exists, and how they are made and removed. Every change is in the audit chain. */
import { type AuthProvider, type Clock, defineErrors, type Grant, type Principal } from "cortex";
import { canGrant, highestRole, isTreeAdmin, normalizeGrants, parseScope } from "../domain/access.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { actorOf, type Audit } from "./audit.ts";
import { passwordFault } from "./password-policy.ts";

export const accountErrors = defineErrors("auth", {
  no_password_method: "unavailable",
  password_short: "invalid",
  password_long: "invalid",
  password_leaked: "invalid",
  password_name: "invalid",
  password_word: "invalid",
  password_repeated: "invalid",
  password_row: "invalid",
  name_invalid: "invalid",
  name_taken: "conflict",
  last_admin: "conflict",
  user_unknown: "not_found",
  scope_invalid: "invalid",
  grant_too_much: "forbidden",
});

export interface AccountsDeps {
  clock: Clock;
  store: MonitorStore;
  providers: () => AuthProvider[];
  newId: () => string;
  audit: Audit;
  /** Names of this host and of the node on it: nobody's password is made of them. */
  hostNames: () => readonly string[];
  /** A door was closed. */
  revoked: () => void;
}

export type Accounts = ReturnType<typeof createAccounts>;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,62}$/u;

export function createAccounts(deps: AccountsDeps) {
  const { clock, store, providers, newId, audit, hostNames, revoked } = deps;
  const { users, sessions } = store.access;

  async function hashPassword(name: string, password: string): Promise<string> {
    assertName(name);
    const fault = passwordFault(password, [name, ...hostNames()]);
    if (fault !== null) throw accountErrors[`password_${fault.rule}`](`this password ${fault.text}`);
    const provider = providers().find((one) => one.createPasswordHash !== undefined);
    if (!provider?.createPasswordHash)
      throw accountErrors.no_password_method(
        "no plugin can keep passwords; enable auth-password in the configuration file: cortex config path",
      );
    return provider.createPasswordHash(password);
  }

  /** Without a hash: nobody logs in with a password, only the way that made the account. */
  function insert(name: string, grants: readonly Grant[], passwordHash: string | null): UserRow {
    const user = {
      id: newId(),
      name,
      role: highestRole(grants),
      grants: normalizeGrants(grants),
      passwordHash,
      disabled: false,
      createdAt: clock.now(),
      lastLoginAt: null,
      language: null,
    };
    if (!users.add(user))
      throw accountErrors.name_taken("another account has this name; choose a different one");
    return users.get(user.id)!;
  }

  function required(id: string): UserRow {
    const user = users.get(id);
    if (user === null) throw accountErrors.user_unknown("no user has this id; see the list of users");
    return user;
  }

  /** There is always an admin of the whole tree left: without one the setup link would open again. */
  function assertNotLastAdmin(user: UserRow): void {
    if (isTreeAdmin(user.grants) && !user.disabled && users.admins() === 1)
      throw accountErrors.last_admin("this is the last admin; make another one first");
  }

  return {
    hashPassword,
    insert,
    /** Who may do more than oneself is not for oneself to change. */
    assertMayChange(id: string, by: Principal): void {
      assertGrants(required(id).grants, by);
    },
    async createUser(
      name: string,
      grants: readonly Grant[],
      password: string,
      by: Principal,
    ): Promise<UserRow> {
      assertGrants(grants, by);
      const passwordHash = await hashPassword(name, password);
      return store.transaction(() => {
        const user = insert(name, grants, passwordHash);
        audit("user.created", actorOf(by), { user: user.id, name, grants: user.grants });
        return user;
      });
    },
    /** Ends the user's sessions: what they opened they may no longer be allowed to. */
    async changeUser(
      id: string,
      change: { grants?: readonly Grant[]; password?: string; disabled?: boolean },
      by: Principal,
    ): Promise<UserRow> {
      const { name } = required(id);
      const grants = change.grants && normalizeGrants(change.grants);
      if (grants) assertGrants(grants, by);
      const passwordHash =
        change.password === undefined ? undefined : await hashPassword(name, change.password);
      const changed = store.transaction(() => {
        const user = required(id);
        // Who may do more than oneself is not for oneself to change: a password is as good as a role.
        assertGrants(user.grants, by);
        if ((grants !== undefined && !isTreeAdmin(grants)) || change.disabled === true)
          assertNotLastAdmin(user);
        users.change(id, {
          role: grants && highestRole(grants),
          grants,
          disabled: change.disabled,
          passwordHash,
        });
        sessions.removeOfUser(id);
        const { password: _secret, ...shown } = { ...change, grants };
        audit("user.changed", actorOf(by), { user: id, ...shown, password: change.password !== undefined });
        return users.get(id)!;
      });
      revoked();
      return changed;
    },
    removeUser(id: string, by: Principal): void {
      store.transaction(() => {
        const user = required(id);
        assertGrants(user.grants, by);
        assertNotLastAdmin(user);
        sessions.removeOfUser(id);
        users.remove(id);
        store.signIn.factors.removeOfUser(id);
        store.signIn.challenges.removeOfUser(id);
        store.signIn.identities.removeOfUser(id);
        audit("user.deleted", actorOf(by), { user: id, name: user.name });
      });
      revoked();
    },
  };
}

/** Every scope is one, and nobody hands out more than they hold. */
export function assertGrants(grants: readonly Grant[], by: Principal): void {
  for (const grant of grants) {
    if (parseScope(grant.scope) === null)
      throw accountErrors.scope_invalid("a scope is *, subtree:NODEID, label:KEY=VALUE or group:NAME");
    if (!canGrant(by, grant))
      throw accountErrors.grant_too_much(`you may not do this yourself: ${grant.role} on ${grant.scope}`);
  }
}

export function assertName(name: string): void {
  if (!NAME.test(name))
    throw accountErrors.name_invalid(
      "a name has 1 to 63 letters, digits or . _ @ + - and starts with a letter or digit",
    );
}
