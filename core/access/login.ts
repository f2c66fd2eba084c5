/** The first step of signing in: a method that takes credentials, and what else is needed for a session. */
import { type AuthDirectory, type AuthProvider, defineErrors } from "cortex";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Login } from "./sessions.ts";
import type { Audit } from "./audit.ts";
import type { Visitor } from "./factors.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { SessionSource } from "./sessions.ts";
import type { NextStep, SignIn } from "./sign-in.ts";

const loginErrors = defineErrors("auth", {
  no_method: "unavailable",
  failed: "unauthenticated",
});

export interface LoginDeps {
  store: MonitorStore;
  providers: () => AuthProvider[];
  directory: AuthDirectory;
  guard: LoginGuard;
  signIn: Pick<SignIn, "next">;
  audit: Audit;
  enter(user: UserRow, method: string, source: SessionSource): Login;
}

/** Errors: `auth.no_method`, `auth.failed`, and those of the guard. */
export function createLogin({ store, providers, directory, guard, signIn, audit, enter }: LoginDeps) {
  const { users } = store.access;
  return async function logIn(
    method: string,
    credentials: Record<string, unknown>,
    source: SessionSource,
    visitor: Visitor,
  ): Promise<Login | NextStep> {
    const provider = providers().find((one) => one.login !== undefined && one.method === method);
    if (!provider?.login)
      throw loginErrors.no_method(
        "there is no such login method; enable its plugin in the configuration file: cortex config path",
      );
    const account = typeof credentials.name === "string" ? credentials.name : "";
    guard.admit(account, source.ip);
    const found = await provider.login(credentials, directory);
    const user = found === null ? null : users.get(found.id);
    if (user === null || user.disabled) {
      store.transaction(() => {
        const lockedMs = guard.failed(account, source.ip);
        const who = { name: account.slice(0, 100), ip: source.ip };
        audit("auth.login_failed", "nobody", { ...who, method });
        if (lockedMs > 0) audit("auth.locked", "nobody", { ...who, seconds: lockedMs / 1000 });
      });
      throw loginErrors.failed("name or password is wrong");
    }
    guard.succeeded(account, source.ip);
    return signIn.next(user, method, visitor) ?? enter(user, method, source);
  };
}
