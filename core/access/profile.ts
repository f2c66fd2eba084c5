/** What people may change about themselves. Nothing here changes what they may do. */
import { type AuthDirectory, type AuthProvider, defineErrors, type Principal } from "cortex";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { type Accounts, accountErrors, assertName } from "./accounts.ts";
import { actorOf, type Audit } from "./audit.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { Sessions } from "./sessions.ts";

const errors = defineErrors("auth", {
  no_profile: "forbidden",
  password_wrong: "invalid",
  no_own_password: "conflict",
});

export interface ProfileChange {
  name?: string;
  /** null: as the browser says. */
  language?: string | null;
  password?: { current: string; new: string };
}

export interface ProfileDeps {
  store: MonitorStore;
  providers: () => AuthProvider[];
  directory: AuthDirectory;
  accounts: Pick<Accounts, "hashPassword">;
  sessions: Pick<Sessions, "reissue">;
  guard: LoginGuard;
  audit: Audit;
  assertRecent: (principal: Principal) => void;
  revoked: () => void;
}

export interface Changed {
  user: UserRow;
  /** The new value of the session's cookie, when the password was changed; the old one is dead. */
  token: string | null;
}

export type Profile = ReturnType<typeof createProfile>;

export function createProfile(deps: ProfileDeps) {
  const { store, guard, audit } = deps;
  const { users, sessions } = store.access;

  function required({ kind, id }: Principal): UserRow {
    const user = kind === "user" ? users.get(id) : null;
    if (user === null)
      throw errors.no_profile("only people have a profile; a key is changed where keys are managed");
    return user;
  }

  /** A guess at a password, like a login: counted and slowed down the same way. */
  async function assertPassword(user: UserRow, password: string, ip: string): Promise<void> {
    if (user.passwordHash === null)
      throw errors.no_own_password("this account logs in without a password; an admin can set one");
    guard.admit(user.name, ip);
    const provider = deps.providers().find((one) => one.createPasswordHash !== undefined);
    const found = (await provider?.login?.({ name: user.name, password }, deps.directory)) ?? null;
    if (found?.id === user.id) return guard.succeeded(user.name, ip);
    store.transaction(() => {
      guard.failed(user.name, ip);
      audit("auth.login_failed", `user:${user.name}`, { user: user.id, ip });
    });
    throw errors.password_wrong("this is not your current password; try again");
  }

  return {
    find: (principal: Principal): UserRow | null =>
      principal.kind === "user" ? users.get(principal.id) : null,
    /** A new password ends all other sessions and gives this one a new value. */
    async change(principal: Principal, change: ProfileChange, ip: string): Promise<Changed> {
      const user = required(principal);
      const { name, language, password } = change;
      if (name !== undefined) {
        assertName(name);
        deps.assertRecent(principal);
      }
      if (password !== undefined) await assertPassword(user, password.current, ip);
      const passwordHash = password && (await deps.accounts.hashPassword(name ?? user.name, password.new));
      const changed = store.transaction((): Changed => {
        const taken = name === undefined ? null : users.byName(name);
        if (taken !== null && taken.id !== user.id)
          throw accountErrors.name_taken("another account has this name; choose a different one");
        users.change(user.id, { name, language, passwordHash });
        const shown = { ...(name !== undefined && { name }), ...(language !== undefined && { language }) };
        audit("profile.changed", actorOf(principal), {
          user: user.id,
          ...shown,
          password: password !== undefined,
        });
        const session = password === undefined ? null : (principal.sessionId ?? null);
        if (password !== undefined) sessions.removeOfUser(user.id, principal.sessionId);
        return {
          user: users.get(user.id)!,
          token: session && (deps.sessions.reissue(session)?.token ?? null),
        };
      });
      if (password !== undefined) deps.revoked();
      return changed;
    },
  };
}
