/**
 * Who may come in: the one-time setup, logins, sessions and bearer keys. Methods are plugins (`AuthProvider`); accounts,
 * sessions and limits are here. Refusals never say which part was wrong.
 */
import { type AuthDirectory, type AuthProvider, type Clock, defineErrors, type Principal } from "cortex";
import type { Vault } from "../ports/vault.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { actorOf, type Audit, createAudit } from "./audit.ts";
import { createKeyUse } from "./key-use.ts";
import { createKeys, type Keys, storedKey } from "./keys.ts";
import { createLoginGuard, noLoginGuard } from "./login-guard.ts";
import { sameGrants, WHOLE_TREE } from "../domain/access.ts";
import { createProfile, type Profile } from "./profile.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { createChallenges } from "./challenges.ts";
import { createFactors, type FactorItem, type Factors, type Visitor } from "./factors.ts";
import { createReauthentication, type Reauthentication } from "./reauthentication.ts";
import { createSecondFactorCheck } from "./second-factor.ts";
import { randomToken, sameDigest, sha256 } from "./secrets.ts";
import { createSessions, type SessionLimits, type SessionProof, type SessionSource } from "./sessions.ts";
import { createSignIn, type NextStep, type SignIn } from "./sign-in.ts";
import { createSessionList, type SessionList } from "./session-list.ts";
import { createTokens, type Tokens } from "./tokens.ts";

export interface AccessDeps {
  clock: Clock;
  store: MonitorStore;
  /** From the plugin registry; may change while running. */
  providers: () => AuthProvider[];
  sessionLimits: () => SessionLimits;
  newId: () => string;
  /** Names of this host and of the node on it: nobody's password is made of them. */
  hostNames: () => readonly string[];
  vault: Pick<Vault, "seal" | "open">;
  /** `server.require_second_factor` of the config. */
  requireSecondFactor: () => "none" | "admins" | "all";
  /** Off only to show what they guard against. */
  bindToBrowser?: boolean;
  slowGuesses?: boolean;
}

export interface Login {
  /** Value of the session cookie. */
  token: string;
  principal: Principal;
}

export interface Access {
  setup: {
    open(): boolean;
    /** A new token, to be printed; the one before is dead. null when there is an admin. */
    createToken(): string | null;
    redeem(token: string, name: string, password: string, source: SessionSource): Promise<Login>;
  };
  methods(): string[];
  /** A session, or what else is needed for one. */
  login(
    method: string,
    credentials: Record<string, unknown>,
    source: SessionSource,
    visitor: Visitor,
  ): Promise<Login | NextStep>;
  signIn: SignIn;
  reauthentication: Reauthentication;
  isSecondFactorRequired(principal: Principal): boolean;
  /** What people have enrolled; changes go through the three below, which also mind sessions. */
  factors: Pick<Factors, "methods" | "alone" | "list" | "beginEnrol">;
  /** The session that did it goes on, as strong as it now is; others of the user end. */
  finishEnrol(...args: Parameters<Factors["finishEnrol"]>): Promise<FactorItem>;
  removeFactor(principal: Principal, id: string): void;
  /** All factors of a user, who is logged out everywhere. Gives their number. */
  resetFactors(userId: string, by: Principal): number;
  /** Where the browser goes then, when its identity provider wants to know; else null. */
  logout(principal: Principal): string | null;
  /** null when the cookie opens no session. */
  fromCookie(token: string): Principal | null;
  /** null when the key or token is not valid, or not from this address. */
  fromBearer(token: string, ip: string): Promise<Principal | null>;
  /** Whether a principal that was let in before still would be. */
  isAlive(principal: Principal): boolean;
  sessions: SessionList;
  profile: Profile;
  accounts: Accounts;
  keys: Keys;
  tokens: Tokens;
  audit: Audit;
  /** Refused requests, for the audit. */
  refusals: Refusals;
  /** Throws `auth.reauthenticate` for a session that has not proved itself within `recentMs`; others are as configured. */
  assertRecent(principal: Principal): void;
  /** Called when doors close, so that open sockets can be closed. Returns "stop listening". */
  onRevoked(listener: () => void): () => void;
  /** Once a minute: forget expired sessions, write down when keys were used. */
  tidy(): void;
}

export const accessErrors = defineErrors("auth", {
  no_method: "unavailable",
  setup_done: "not_found",
  setup_token: "forbidden",
  failed: "unauthenticated",
  reauthenticate: "forbidden",
});

export function createAccess(deps: AccessDeps): Access {
  const { clock, store, providers, newId } = deps;
  const repository = store.access;
  const audit = createAudit(store);
  const refusals = createRefusals(clock, audit);
  const guard = deps.slowGuesses === false ? noLoginGuard : createLoginGuard(clock, repository.lockouts);
  /** An operator who is told to ask for second factors asks whoever could change that. */
  const isRequired = ({ grants }: Pick<Principal, "grants">): boolean => {
    const policy = deps.requireSecondFactor();
    return policy === "all" || (policy === "admins" && grants.some(({ role }) => role === "admin"));
  };
  const sessions = createSessions(clock, repository, deps.sessionLimits, newId, deps.vault, isRequired);
  const listeners = new Set<() => void>();
  const revoked = () => {
    keyUse.forget();
    for (const listener of listeners) listener();
  };
  const accounts = createAccounts({ ...deps, audit, revoked });
  const keys = createKeys({ ...deps, audit, revoked });
  const keyUse = createKeyUse({ clock, store, audit, refusals });
  const directory: AuthDirectory = {
    userByName: (name) => repository.users.byName(name),
    keyById: (id) => storedKey(keyUse.find(id), clock.now()),
  };

  const challenges = createChallenges({ ...deps, repository: store.signIn.challenges });
  const factors = createFactors({
    ...deps,
    challenges,
    audit,
    isRequired(userId) {
      const user = repository.users.get(userId);
      return user !== null && isRequired(user);
    },
  });
  const assertSecond = createSecondFactorCheck({ store, factors, challenges, guard, audit });
  const signIn = createSignIn({
    ...deps,
    challenges,
    factors,
    assertSecond,
    accounts,
    audit,
    revoked,
    enter: (user, proof, source) => enter(user, "auth.login", proof, source),
  });
  const reauthentication = createReauthentication({
    ...deps,
    directory,
    challenges,
    factors,
    guard,
    assertSecond,
    audit,
    reissue: sessions.reissue,
  });

  /** Whoever has another session of this user open must show what is needed now. */
  function endOthers(principal: Principal): void {
    repository.sessions.removeOfUser(principal.id, principal.sessionId);
  }

  function enter(
    user: UserRow,
    kind: "auth.login" | "auth.setup",
    proof: SessionProof,
    source: SessionSource,
  ): Login {
    return store.transaction(() => {
      const login = sessions.open(user, proof, source);
      repository.users.loggedIn(user.id, clock.now());
      audit(kind, actorOf(login.principal), {
        user: user.id,
        method: proof.method,
        ip: source.ip,
        session: login.principal.sessionId,
      });
      return login;
    });
  }

  function assertRecent(principal: Principal): void {
    if (
      principal.sessionId !== undefined &&
      clock.now() - (principal.authAt ?? 0) > deps.sessionLimits().recentMs
    )
      throw accessErrors.reauthenticate("prove that it is you: enter your password again");
  }

  return {
    accounts,
    sessions: createSessionList({ store, audit, isOpen: sessions.isAlive, revoked }),
    profile: createProfile({ ...deps, directory, accounts, sessions, guard, audit, assertRecent, revoked }),
    keys,
    tokens: createTokens({ clock, providers, directory, audit }),
    audit,
    refusals,
    assertRecent,
    setup: {
      open: () => repository.users.admins() === 0,
      createToken() {
        if (repository.users.admins() > 0) return null;
        const token = randomToken();
        repository.settings.set(SETUP_KEY, sha256(token));
        return token;
      },
      async redeem(token, name, password, source) {
        if (repository.users.admins() > 0) throw accessErrors.setup_done("there is nothing here");
        guard.admit("setup", source.ip);
        const expected = repository.settings.get<string>(SETUP_KEY) ?? "";
        if (!sameDigest(expected, sha256(token)))
          throw accessErrors.setup_token(
            "this setup link is not valid (any more); restart Cortex to get a new one on its console",
          );
        const passwordHash = await accounts.hashPassword(name, password);
        // The hash took a while: only one of two redeemers may become the first admin.
        return store.transaction(() => {
          if (repository.users.admins() > 0) throw accessErrors.setup_done("there is nothing here");
          const user = accounts.insert(name, [{ role: "admin", scope: WHOLE_TREE }], passwordHash);
          repository.settings.delete(SETUP_KEY);
          return enter(user, "auth.setup", { method: "password" }, source);
        });
      },
    },
    methods: () => providers().flatMap((provider) => (provider.login ? [provider.method] : [])),
    async login(method, credentials, source, visitor) {
      const provider = providers().find((one) => one.login !== undefined && one.method === method);
      if (!provider?.login)
        throw accessErrors.no_method("there is no such login method; enable its plugin in the configuration");
      const account = typeof credentials.name === "string" ? credentials.name : "";
      guard.admit(account, source.ip);
      const found = await provider.login(credentials, directory);
      const user = found === null ? null : repository.users.get(found.id);
      if (user === null || user.disabled) {
        store.transaction(() => {
          const lockedMs = guard.failed(account, source.ip);
          const who = { name: account.slice(0, 100), ip: source.ip };
          audit("auth.login_failed", "nobody", { ...who, method });
          if (lockedMs > 0) audit("auth.locked", "nobody", { ...who, seconds: lockedMs / 1000 });
        });
        throw accessErrors.failed("name or password is wrong");
      }
      guard.succeeded(account, source.ip);
      return signIn.next(user, method, visitor) ?? enter(user, "auth.login", { method }, source);
    },
    signIn,
    reauthentication,
    isSecondFactorRequired: isRequired,
    factors,
    async finishEnrol(principal, given, visitor) {
      const item = await factors.finishEnrol(principal, given, visitor);
      store.transaction(() => {
        if (item.kind === "second" && principal.sessionId !== undefined)
          sessions.renew(principal.sessionId, { strong: true });
        endOthers(principal);
      });
      revoked();
      return item;
    },
    removeFactor(principal, id) {
      store.transaction(() => {
        factors.remove(principal, id);
        endOthers(principal);
      });
      revoked();
    },
    resetFactors(userId, by) {
      const removed = store.transaction(() => {
        accounts.assertMayChange(userId, by);
        repository.sessions.removeOfUser(userId);
        return factors.reset(userId, by);
      });
      revoked();
      return removed;
    },
    logout(principal) {
      if (principal.sessionId === undefined) return null;
      const endUrl = sessions.endUrlOf(principal.sessionId);
      store.transaction(() => {
        repository.sessions.remove(principal.sessionId!);
        audit("auth.logout", actorOf(principal), { session: principal.sessionId });
      });
      revoked();
      return endUrl;
    },
    fromCookie: (token) => sessions.resolve(token),
    async fromBearer(token, ip) {
      for (const provider of providers()) {
        const principal = (await provider.bearer?.(token, directory)) ?? null;
        if (principal !== null) return keyUse.admit(principal, ip) ? principal : null;
      }
      return null;
    },
    isAlive(principal) {
      if (principal.kind === "local") return true;
      if (principal.sessionId !== undefined) {
        const user = repository.users.get(principal.id);
        return (
          sessions.isAlive(principal.sessionId) &&
          user?.disabled === false &&
          sameGrants(user.grants, principal.grants)
        );
      }
      const key = directory.keyById(principal.id);
      const isOver = principal.until !== undefined && principal.until <= clock.now();
      return (
        key !== null &&
        !isOver &&
        key.version === principal.version &&
        sameGrants(key.grants, principal.grants) &&
        (key.permissions ?? []).join() === (principal.permissions ?? []).join()
      );
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tidy() {
      store.transaction(() => {
        sessions.removeExpired();
        guard.forgetOld();
        refusals.tidy();
        challenges.forgetOld();
        keyUse.save();
      });
    },
  };
}

const SETUP_KEY = "setup.token";
