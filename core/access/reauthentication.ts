/** Proving again, inside a session, that it is still the same person: before acts that could not be taken back. */
import { type AuthDirectory, type AuthProvider, defineErrors, type Principal } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import { actorOf, type Audit } from "./audit.ts";
import type { Challenges } from "./challenges.ts";
import type { FactorOption, Factors, Visitor } from "./factors.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { AssertSecond } from "./second-factor.ts";

export const againErrors = defineErrors("auth", {
  not_again: "invalid",
  password_wrong: "invalid",
  session_over: "unauthenticated",
});

/** How a person can do it. */
export interface WaysAgain {
  password: boolean;
  factors: FactorOption[];
  /** At the provider that opened the session; a new session comes of it. */
  redirects: { method: string; label: string }[];
}

export interface ReauthenticationDeps {
  store: MonitorStore;
  providers: () => AuthProvider[];
  directory: AuthDirectory;
  challenges: Challenges;
  factors: Factors;
  guard: LoginGuard;
  assertSecond: AssertSecond;
  audit: Audit;
  /** The session has just been proved anew and gets a new value, as at a login; null when it ended meanwhile. */
  reissue(sessionId: string): { token: string } | null;
}

export type Reauthentication = ReturnType<typeof createReauthentication>;

export function createReauthentication(deps: ReauthenticationDeps) {
  const { store, challenges, factors, guard, audit } = deps;

  function sessionOf({ kind, sessionId }: Principal): string {
    if (kind !== "user" || sessionId === undefined)
      throw againErrors.not_again(
        "only a session can be proved again; keys and the local administrator need not",
      );
    return sessionId;
  }

  /** The new value of the session's cookie; the old one is dead (ASVS 7.2.4). */
  function renew(principal: Principal, method: string): string {
    return store.transaction(() => {
      const renewed = deps.reissue(sessionOf(principal));
      if (renewed === null) throw againErrors.session_over("this session has ended meanwhile; log in again");
      audit("auth.reauthenticated", actorOf(principal), { session: principal.sessionId, method });
      return renewed.token;
    });
  }

  return {
    ways(principal: Principal, { place }: Visitor): WaysAgain {
      const opened = store.access.sessions.byId(sessionOf(principal))?.method;
      return {
        password: (store.access.users.get(principal.id)?.passwordHash ?? null) !== null,
        factors: (factors.optionsFor(principal.id, place) ?? []).filter(({ kind }) => kind === "second"),
        redirects: deps
          .providers()
          .flatMap(({ method, redirect }) =>
            redirect && method === opened ? [{ method, label: redirect.label }] : [],
          ),
      };
    },

    async byPassword(principal: Principal, password: string, ip: string): Promise<string> {
      sessionOf(principal);
      const provider = deps.providers().find((one) => one.createPasswordHash !== undefined);
      guard.admit(principal.name, ip);
      const user = (await provider?.login?.({ name: principal.name, password }, deps.directory)) ?? null;
      if (user?.id !== principal.id) {
        store.transaction(() => {
          guard.failed(principal.name, ip);
          audit("auth.login_failed", actorOf(principal), {
            user: principal.id,
            ip,
            session: principal.sessionId,
          });
        });
        throw againErrors.password_wrong("this is not your password; try again");
      }
      guard.succeeded(principal.name, ip);
      return renew(principal, provider!.method);
    },

    async begin(principal: Principal, method: string, visitor: Visitor) {
      sessionOf(principal);
      const { options, state } = await factors.ask(method, principal.id, visitor.place);
      const { browser } = visitor;
      const purpose = "reauthenticate" as const;
      return { ticket: challenges.add({ purpose, method, userId: principal.id, state, browser }), options };
    },

    async byFactor(
      principal: Principal,
      { ticket, answer }: { ticket: string; answer: unknown },
      visitor: Visitor,
      ip: string,
    ): Promise<string> {
      const { userId, method, state } = challenges.get(ticket, "reauthenticate", visitor.browser);
      if (userId !== principal.id)
        throw againErrors.not_again("this was begun by somebody else; start again");
      await deps.assertSecond({ ticket, userId, method, state, answer, place: visitor.place, ip });
      if (!challenges.finish(ticket)) throw againErrors.not_again("this was answered already; start again");
      return renew(principal, method);
    },
  };
}
