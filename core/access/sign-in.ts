/**
 * Signing in, from the first proof to the session: a password that needs a second factor, a passkey alone, a person sent
 * by an identity provider. Wrong answers are counted per account wherever they come from.
 */
import {
  type AuthProvider,
  type Clock,
  defineErrors,
  type ExternalIdentity,
  type RedirectMethod,
} from "cortex";
import { highestRole, normalizeGrants, sameGrants } from "../domain/access.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Login } from "./sessions.ts";
import type { Accounts } from "./accounts.ts";
import type { Audit } from "./audit.ts";
import type { Challenges } from "./challenges.ts";
import type { FactorOption, Factors, Visitor } from "./factors.ts";
import { createBuckets } from "./rate-limit.ts";
import { type AssertSecond, secondErrors } from "./second-factor.ts";
import { randomToken } from "./secrets.ts";
import type { SessionProof, SessionSource } from "./sessions.ts";

export const signInErrors = defineErrors("auth", {
  no_method: "unavailable",
  external_failed: "unauthenticated",
  external_unmapped: "forbidden",
  external_name_taken: "conflict",
  too_many_begun: "unavailable",
});

/** The first proof was right; one of these comes next. */
export interface NextStep {
  ticket: string;
  factors: FactorOption[];
}

export interface SignInDeps {
  clock: Clock;
  store: MonitorStore;
  providers: () => AuthProvider[];
  challenges: Challenges;
  factors: Factors;
  assertSecond: AssertSecond;
  accounts: Pick<Accounts, "insert">;
  audit: Audit;
  /** Open a session, with its audit entry. */
  enter(user: UserRow, proof: SessionProof, source: SessionSource): Login;
  revoked: () => void;
}

/** Questions per address: the login page asks one at each visit. */
const BEGINNINGS = { perMinute: 60, burst: 60 };

interface LoginState {
  via: string;
  asked: { method: string; state: unknown } | null;
}
interface RedirectState {
  callback: string;
  to: string;
  own: Record<string, unknown>;
  fresh: boolean;
}

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn(deps: SignInDeps) {
  const { clock, store, challenges, factors, audit, enter } = deps;
  const { users } = store.access;
  const beginnings = createBuckets(clock, BEGINNINGS);

  function admitBeginning(ip: string): void {
    const waitMs = beginnings.take(ip);
    if (waitMs > 0)
      throw signInErrors.too_many_begun(`too many logins were begun; wait ${Math.ceil(waitMs / 1000)} s`, {
        details: { retryAfterMs: waitMs },
      });
  }

  function redirectOf(method: string): RedirectMethod {
    const found = deps.providers().find((one) => one.method === method)?.redirect;
    if (found === undefined)
      throw signInErrors.no_method(
        "there is no such way to log in; enable its plugin in the configuration file: cortex config path",
      );
    return found;
  }

  const wrong = () => secondErrors.factor_wrong("this was not accepted; try again");

  return {
    redirects: () =>
      deps
        .providers()
        .flatMap(({ method, redirect }) => (redirect ? [{ method, label: redirect.label }] : [])),

    /** After a right password: what else is needed, or null. */
    next(user: UserRow, via: string, visitor: Visitor): NextStep | null {
      const options = factors.optionsFor(user.id, visitor.place);
      if (options === null) return null;
      const state: LoginState = { via, asked: null };
      const ticket = challenges.add({
        purpose: "login",
        method: via,
        userId: user.id,
        state,
        browser: visitor.browser,
      });
      return { ticket, factors: options };
    },

    /** The question of a second factor that asks one. */
    async beginSecond(ticket: string, method: string, visitor: Visitor): Promise<unknown> {
      const open = challenges.get(ticket, "login", visitor.browser);
      const { options, state } = await factors.ask(method, open.userId, visitor.place);
      challenges.setState(ticket, { ...(open.state as LoginState), asked: { method, state } });
      return options;
    },
    async finishSecond(
      given: { ticket: string; method: string; answer: unknown },
      visitor: Visitor,
      source: SessionSource,
    ): Promise<Login> {
      const { ticket, method, answer } = given;
      const open = challenges.get(ticket, "login", visitor.browser);
      const { via, asked } = open.state as LoginState;
      const state = asked?.method === method ? asked.state : null;
      const { place } = visitor;
      await deps.assertSecond({ ticket, userId: open.userId!, method, state, answer, place, ip: source.ip });
      const user = users.get(open.userId!);
      if (!challenges.finish(ticket) || user === null || user.disabled) throw wrong();
      return enter(user, { method: `${via}+${method}`, strong: true }, source);
    },

    /** A factor that needs no name and no password. */
    async beginAlone(method: string, visitor: Visitor, ip: string) {
      admitBeginning(ip);
      assertAlone(method);
      const { options, state } = await factors.ask(method, null, visitor.place);
      const ticket = challenges.add({
        purpose: "alone",
        method,
        userId: null,
        state,
        browser: visitor.browser,
      });
      return { ticket, options };
    },
    async finishAlone(
      method: string,
      given: { ticket: string; answer: unknown },
      visitor: Visitor,
      source: SessionSource,
    ): Promise<Login> {
      assertAlone(method);
      const open = challenges.take(given.ticket, "alone", visitor.browser);
      const proof =
        open.method === method
          ? await factors.verify(method, null, {
              state: open.state,
              answer: given.answer,
              place: visitor.place,
            })
          : null;
      const user = proof === null ? null : users.get(proof.userId);
      if (user === null || user.disabled) {
        store.transaction(() => audit("auth.login_failed", "nobody", { method, ip: source.ip }));
        throw wrong();
      }
      return enter(user, { method, strong: true }, source);
    },

    /** Send the browser to an identity provider; `to` is where it goes in the dashboard afterwards. */
    async beginRedirect(
      method: string,
      way: { to: string; fresh: boolean },
      visitor: Visitor,
      ip: string,
    ): Promise<{ url: string }> {
      admitBeginning(ip);
      const redirect = redirectOf(method);
      const callback = `${visitor.place.origin}/api/v1/auth/${method}/callback`;
      const ticket = randomToken();
      const { url, state: own } = await redirect.start({ callback, ticket, fresh: way.fresh });
      const state: RedirectState = { callback, to: way.to, own, fresh: way.fresh };
      challenges.add({ purpose: "redirect", method, userId: null, state, browser: visitor.browser }, ticket);
      return { url };
    },
    /** The browser is back. `search`: the query of the callback, with its question mark. */
    async finishRedirect(
      method: string,
      given: { ticket: string; search: string },
      browser: string | null,
      source: SessionSource,
    ): Promise<{ login: Login; to: string }> {
      const redirect = redirectOf(method);
      const open = challenges.take(given.ticket, "redirect", browser);
      const state = open.state as RedirectState;
      const identity =
        open.method === method
          ? await redirect.finish({
              url: state.callback + given.search,
              ticket: given.ticket,
              state: state.own,
            })
          : null;
      if (identity === null) {
        store.transaction(() => audit("auth.login_failed", "nobody", { method, ip: source.ip }));
        throw signInErrors.external_failed(
          "the provider did not vouch for you; try again, or ask your admin",
        );
      }
      const user = settle(identity, method);
      if (user.disabled) throw signInErrors.external_failed("this account is disabled; ask your admin");
      const authAt = identity.authAt ?? (state.fresh ? clock.now() : 0);
      const proof = { method, strong: true, authAt, endUrl: identity.endUrl };
      return { login: enter(user, proof, source), to: state.to };
    },
  };

  function assertAlone(method: string): void {
    if (!factors.alone().some((one) => one.method === method))
      throw signInErrors.no_method(
        "there is no such way to log in; enable its plugin in the configuration file: cortex config path",
      );
  }

  /**
   * The account of a person who comes from a provider, with the grants of now. It hangs on issuer and subject: a name that
   * exists here already is somebody else's until an admin says otherwise.
   */
  function settle(identity: ExternalIdentity, method: string): UserRow {
    const { issuer, subject, name } = identity;
    const grants = normalizeGrants(identity.grants ?? []);
    const user = store.transaction(() => {
      const bound = store.signIn.identities.userOf(issuer, subject);
      const known = bound === null ? null : users.get(bound);
      if (known === null) return identity.grants === null ? null : add();
      if (!sameGrants(known.grants, grants)) {
        users.change(known.id, { grants, role: highestRole(grants) });
        store.access.sessions.removeOfUser(known.id);
        audit("user.changed", `provider:${method}`, { user: known.id, grants });
      }
      return users.get(known.id)!;
    });
    deps.revoked();
    if (identity.grants === null || user === null)
      throw signInErrors.external_unmapped("none of your groups may use this Cortex; ask your admin");
    return user;

    function add(): UserRow {
      if (users.byName(name) !== null)
        throw signInErrors.external_name_taken(
          "an account with your name exists here already and is not bound to this provider; ask your admin",
        );
      const made = deps.accounts.insert(name, grants, null);
      store.signIn.identities.add(issuer, subject, made.id, clock.now());
      audit("user.created", `provider:${method}`, { user: made.id, name, grants, issuer, subject });
      return made;
    }
  }
}
