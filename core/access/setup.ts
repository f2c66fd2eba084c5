/**
 * The first admin: a link that is printed once, and a door that is dead from then on, also when no admin is left. Then one is
 * made on the Monitor's machine: `cortex user create`.
 */
import { defineErrors } from "cortex";
import { WHOLE_TREE } from "../domain/access.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Login } from "./sessions.ts";
import type { Accounts } from "./accounts.ts";
import type { LoginGuard } from "./login-guard.ts";
import { randomToken, sameDigest, sha256 } from "./secrets.ts";
import type { SessionSource } from "./sessions.ts";

const setupErrors = defineErrors("auth", {
  setup_done: "not_found",
  setup_token: "forbidden",
});

const SETUP_KEY = "setup.token";
const DONE_KEY = "setup.done";

export interface SetupDeps {
  store: MonitorStore;
  guard: LoginGuard;
  accounts: Pick<Accounts, "hashPassword" | "insert">;
  enter(user: UserRow, source: SessionSource): Login;
}

export type Setup = ReturnType<typeof createSetup>;

/** Errors: `auth.setup_done`, `auth.setup_token`, and those of a new account. */
export function createSetup({ store, guard, accounts, enter }: SetupDeps) {
  const { settings, users } = store.access;
  const isOpen = (): boolean => users.admins() === 0 && settings.get<boolean>(DONE_KEY) !== true;
  /** There is, or was, an admin. */
  function close(): void {
    if (settings.get<boolean>(DONE_KEY) !== true) settings.set(DONE_KEY, true);
    settings.delete(SETUP_KEY);
  }
  if (users.admins() > 0) store.transaction(close);

  /** `door`: tries are counted for each by itself, so that who only looks keeps nobody from entering. */
  function examine(door: "setup" | "setup.check", token: string, ip: string): void {
    if (!isOpen()) throw setupErrors.setup_done("there is nothing here");
    guard.admit(door, ip);
    const expected = settings.get<string>(SETUP_KEY) ?? "";
    if (!sameDigest(expected, sha256(token)))
      throw setupErrors.setup_token(
        "this setup link is not valid (any more); restart Cortex to get a new one on its console",
      );
  }

  return {
    open: isOpen,
    close,
    /** A new token, to be printed; the one before is dead. null when there is an admin. */
    createToken(): string | null {
      if (!isOpen()) return null;
      const token = randomToken();
      settings.set(SETUP_KEY, sha256(token));
      return token;
    },
    /** Throws what `redeem` would say of this token. */
    check: (token: string, ip: string): void => examine("setup.check", token, ip),
    async redeem(token: string, name: string, password: string, source: SessionSource): Promise<Login> {
      examine("setup", token, source.ip);
      const passwordHash = await accounts.hashPassword(name, password);
      // The hash took a while: only one of two redeemers may become the first admin.
      return store.transaction(() => {
        if (!isOpen()) throw setupErrors.setup_done("there is nothing here");
        const user = accounts.insert(name, [{ role: "admin", scope: WHOLE_TREE }], passwordHash);
        return enter(user, source);
      });
    },
  };
}
