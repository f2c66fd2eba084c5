/**
 * Who may come in: the one-time setup, logins, sessions and bearer keys. Methods are plugins (`AuthProvider`); accounts,
 * sessions and limits are here. Refusals never say which part was wrong.
 */
import { type AuthDirectory, type AuthProvider, type Clock, defineErrors, type Principal } from "cortex";
import type { Vault } from "../ports/secrets/vault.ts";
import type { UserRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { actorOf, type Audit, createAudit } from "./audit.ts";
import { createKeyUse } from "./key-use.ts";
import { createKeys, type Keys, storedKey } from "./keys.ts";
import { createLoginGuard, noLoginGuard } from "./login-guard.ts";
import { isTreeAdmin, sameGrants } from "../domain/access.ts";
import { createProfile, type Profile } from "./profile.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { createChallenges } from "./challenges.ts";
import { createFactors, type Factors, type Visitor } from "./factors.ts";
import { createLogin } from "./login.ts";
import { createOwnFactors, type OwnFactors } from "./own-factors.ts";
import { createReauthentication, type Reauthentication } from "./reauthentication.ts";
import { createSecondFactorCheck } from "./second-factor.ts";
import { createSetup, type Setup } from "./setup.ts";
import {
  createSessions,
  type Login,
  type SessionEnd,
  type SessionLimits,
  type SessionProof,
  type SessionSource,
} from "./sessions.ts";
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

export interface Access extends OwnFactors {
  setup: Setup;
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
  /** What people have enrolled; changes go through `OwnFactors`, which also minds sessions. */
  factors: Pick<Factors, "methods" | "alone" | "list" | "beginEnrol">;
  /** Where the browser goes then, when its identity provider wants to know; else null. */
  logout(principal: Principal): string | null;
  /** null when the cookie opens no session. `isUse`: false for what a page asks by itself. */
  fromCookie(token: string, isUse?: boolean): Principal | null;
  /** null for who has no session. */
  sessionEnd(principal: Principal): SessionEnd | null;
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

const accessErrors = defineErrors("auth", { reauthenticate: "forbidden" });

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

  const setup = createSetup({
    store,
    guard,
    accounts,
    enter: (user, source) => enter(user, "auth.setup", { method: "password" }, source),
  });

  function enter(
    user: UserRow,
    kind: "auth.login" | "auth.setup",
    proof: SessionProof,
    source: SessionSource,
  ): Login {
    return store.transaction(() => {
      const login = sessions.open(user, proof, source);
      if (isTreeAdmin(user.grants)) setup.close();
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
    setup,
    methods: () => providers().flatMap((provider) => (provider.login ? [provider.method] : [])),
    login: createLogin({
      ...deps,
      directory,
      guard,
      signIn,
      audit,
      enter: (user, method, source) => enter(user, "auth.login", { method }, source),
    }),
    signIn,
    reauthentication,
    isSecondFactorRequired: isRequired,
    factors,
    ...createOwnFactors({ store, accounts, factors, sessions, revoked }),
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
    fromCookie: (token, isUse) => sessions.resolve(token, isUse),
    sessionEnd: ({ sessionId }) => (sessionId === undefined ? null : sessions.endOf(sessionId)),
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
