/** The first admin: a link that is printed once, and a door that is dead from then on. */
import { defineErrors } from "cortex";
import { WHOLE_TREE } from "../domain/access.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Login } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { LoginGuard } from "./login-guard.ts";
import { randomToken, sameDigest, sha256 } from "./secrets.ts";
import type { SessionSource } from "./sessions.ts";

const setupErrors = defineErrors("auth", {
  setup_done: "not_found",
  setup_token: "forbidden",
});

const SETUP_KEY = "setup.token";

export interface SetupDeps {
  store: MonitorStore;
  guard: LoginGuard;
  accounts: Pick<Accounts, "hashPassword" | "insert">;
  enter(user: UserRow, source: SessionSource): Login;
}

export type Setup = ReturnType<typeof createSetup>;

/** Errors: `auth.setup_done`, `auth.setup_token`, and those of a new account. */
export function createSetup({ store, guard, accounts, enter }: SetupDeps) {
  const repository = store.access;
  return {
    open: (): boolean => repository.users.admins() === 0,
    /** A new token, to be printed; the one before is dead. null when there is an admin. */
    createToken(): string | null {
      if (repository.users.admins() > 0) return null;
      const token = randomToken();
      repository.settings.set(SETUP_KEY, sha256(token));
      return token;
    },
    async redeem(token: string, name: string, password: string, source: SessionSource): Promise<Login> {
      if (repository.users.admins() > 0) throw setupErrors.setup_done("there is nothing here");
      guard.admit("setup", source.ip);
      const expected = repository.settings.get<string>(SETUP_KEY) ?? "";
      if (!sameDigest(expected, sha256(token)))
        throw setupErrors.setup_token(
          "this setup link is not valid (any more); restart Cortex to get a new one on its console",
        );
      const passwordHash = await accounts.hashPassword(name, password);
      // The hash took a while: only one of two redeemers may become the first admin.
      return store.transaction(() => {
        if (repository.users.admins() > 0) throw setupErrors.setup_done("there is nothing here");
        const user = accounts.insert(name, [{ role: "admin", scope: WHOLE_TREE }], passwordHash);
        repository.settings.delete(SETUP_KEY);
        return enter(user, source);
      });
    },
  };
}
