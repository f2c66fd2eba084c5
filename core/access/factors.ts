/**
 * What people have enrolled: second factors, passkeys, recovery codes. What an answer means is the method's business; here
 * are whose factor it is, what is kept, how often one may try, and the audit entry in the transaction of the change.
 */
import {
  type AuthProvider,
  type Clock,
  defineErrors,
  type Factor,
  type FactorMethod,
  type Principal,
  type SignInPlace,
} from "cortex";
import type { Vault } from "../ports/secrets/vault.ts";
import type { FactorRow } from "../store/monitor/sign-in.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { actorOf, type Audit } from "./audit.ts";
import type { Challenges } from "./challenges.ts";

export const factorErrors = defineErrors("auth", {
  no_factor_method: "not_found",
  factor_unknown: "not_found",
  factor_refused: "invalid",
  factor_needed: "conflict",
  factor_limit: "conflict",
  factor_taken: "conflict",
  factor_unusable: "forbidden",
  second_factor_first: "conflict",
});

export interface FactorsDeps {
  clock: Clock;
  store: MonitorStore;
  providers: () => AuthProvider[];
  vault: Pick<Vault, "seal" | "open">;
  challenges: Challenges;
  newId: () => string;
  audit: Audit;
  /** Whether this user must have a second factor. */
  isRequired(userId: string): boolean;
}

/** What its owner sees of a factor. */
export interface FactorItem {
  id: string;
  method: string;
  kind: "second" | "backup" | "unknown";
  name: string;
  createdAt: number;
  lastUsedAt: number | null;
  about: Record<string, string | number | boolean>;
}

/** A way to go on: of a method, with how the browser answers. */
export interface FactorOption {
  method: string;
  kind: FactorMethod["kind"];
  prompt: FactorMethod["prompt"];
}

/** Where a request comes from, as far as signing in looks at it. */
export interface Visitor {
  place: SignInPlace;
  /** Value of the browser's cookie. */
  browser: string;
}

const MAX_FACTORS = 20;

export type Factors = ReturnType<typeof createFactors>;

export function createFactors(deps: FactorsDeps) {
  const { clock, store, vault, challenges, audit } = deps;
  const repository = store.signIn.factors;

  function methods(): { method: string; factor: FactorMethod }[] {
    return deps.providers().flatMap(({ method, factor }) => (factor ? [{ method, factor }] : []));
  }
  function methodOf(name: string): FactorMethod {
    const found = methods().find(({ method }) => method === name)?.factor;
    if (found === undefined)
      throw factorErrors.no_factor_method(
        "there is no such factor; enable its plugin in the configuration file: cortex config path",
      );
    return found;
  }
  const optionOf = ({ method, factor }: { method: string; factor: FactorMethod }): FactorOption => ({
    method,
    kind: factor.kind,
    prompt: factor.prompt,
  });

  const seal = (id: string, data: unknown) => vault.seal("factors.data", id, JSON.stringify(data));
  /** A factor that can't be read (its key is gone) is one that nobody can show: its data is null. */
  function opened(row: FactorRow): Factor {
    try {
      return { id: row.id, data: JSON.parse(vault.open("factors.data", row.id, row.data)) as unknown };
    } catch {
      return { id: row.id, data: null };
    }
  }
  const rowsOf = (userId: string, method: string) =>
    repository.ofUser(userId).filter((row) => row.method === method);

  function shown(row: FactorRow): FactorItem {
    const factor = methods().find(({ method }) => method === row.method)?.factor;
    return {
      id: row.id,
      method: row.method,
      kind: factor?.kind ?? "unknown",
      name: row.name,
      createdAt: row.createdAt,
      lastUsedAt: row.lastUsedAt,
      about: factor?.describe?.(opened(row)) ?? {},
    };
  }

  /** Methods of the second factors that a user has, usable here or not; a plugin that is off counts. */
  const hasSecond = (rows: FactorRow[]) =>
    rows.some((row) => methods().find(({ method }) => method === row.method)?.factor.kind !== "backup");

  return {
    methods: (): FactorOption[] => methods().map(optionOf),
    /** Methods that open a session alone. */
    alone: (): FactorOption[] =>
      methods()
        .filter(({ factor }) => factor.alone === true)
        .map(optionOf),
    list: (userId: string): FactorItem[] => repository.ofUser(userId).map(shown),

    /**
     * How a user goes on after the first proof; null when there is no second factor to ask for. A factor that can't be
     * asked for (its plugin is off, another host name) is not the same as none: the user stays out.
     */
    optionsFor(userId: string, place: SignInPlace): FactorOption[] | null {
      const rows = repository.ofUser(userId);
      if (!hasSecond(rows)) return null;
      const usable = methods().filter(({ method, factor }) =>
        rows.some((row) => row.method === method && (factor.isUsableAt?.(opened(row), place) ?? true)),
      );
      if (usable.length === 0)
        throw factorErrors.factor_unusable(
          "your second factor can't be used here; open the dashboard under the name you enrolled it at, or ask an admin to reset it",
        );
      return usable.map(optionOf);
    },

    /** What to ask a user for, by one method. */
    async ask(method: string, userId: string | null, place: SignInPlace) {
      const factor = methodOf(method);
      const rows = userId === null ? [] : rowsOf(userId, method);
      if (userId !== null && rows.length === 0)
        throw factorErrors.factor_unknown("this account has no such factor; choose another one");
      return (await factor.challenge?.(rows.map(opened), place)) ?? { options: null, state: null };
    },

    /**
     * Whose factor answered; null for nobody's. The answer is used up when this returns: what the method says to keep is
     * kept, and of two answers at the same moment one wins.
     */
    async verify(
      method: string,
      userId: string | null,
      given: { state: unknown; answer: unknown; place: SignInPlace },
    ): Promise<{ userId: string; factor: string } | null> {
      const factor = methodOf(method);
      const handle = userId === null ? (factor.handleOf?.(given.answer) ?? null) : null;
      const owner = handle === null ? null : repository.byHandle(method, handle);
      const rows = userId === null ? (owner === null ? [] : [owner]) : rowsOf(userId, method);
      const proof = await factor.verify(rows.map(opened), { ...given, alone: userId === null });
      const row = rows.find(({ id }) => id === proof?.factor);
      if (proof === null || row === undefined) return null;
      if (!repository.used(row.id, row.data, seal(row.id, proof.data), clock.now())) return null;
      return { userId: row.userId, factor: row.id };
    },

    async beginEnrol(principal: Principal, method: string, visitor: Visitor) {
      const factor = methodOf(method);
      const rows = repository.ofUser(principal.id);
      if (rows.length >= MAX_FACTORS && factor.single !== true)
        throw factorErrors.factor_limit(`an account has at most ${MAX_FACTORS} factors; remove one first`);
      if (factor.kind === "backup" && !hasSecond(rows))
        throw factorErrors.second_factor_first("add a second factor first; these codes stand in for one");
      const existing = rows.filter((row) => row.method === method).map(opened);
      const { options, state } = await factor.beginEnrol(principal, existing, visitor.place);
      const ticket = challenges.add({
        purpose: "enrol",
        method,
        userId: principal.id,
        state,
        browser: visitor.browser,
      });
      return { ticket, options };
    },

    async finishEnrol(
      principal: Principal,
      given: { ticket: string; answer: unknown; name: string },
      visitor: Visitor,
    ): Promise<FactorItem> {
      const { ticket, answer, name } = given;
      const { method, userId, state } = challenges.get(ticket, "enrol", visitor.browser);
      const factor = methodOf(method);
      const made =
        userId === principal.id ? await factor.finishEnrol({ state, answer, place: visitor.place }) : null;
      if (made === null) {
        challenges.failed(ticket);
        throw factorErrors.factor_refused("this was not accepted; try again");
      }
      const id = deps.newId();
      const row: FactorRow = {
        id,
        userId: principal.id,
        method,
        name: name.slice(0, 100),
        handle: made.handle ?? null,
        data: seal(id, made.data),
        createdAt: clock.now(),
        lastUsedAt: null,
      };
      store.transaction(() => {
        if (!challenges.finish(ticket))
          throw factorErrors.factor_refused("this was already finished; start again");
        if (factor.single === true) for (const old of rowsOf(principal.id, method)) repository.remove(old.id);
        if (!repository.add(row)) throw factorErrors.factor_taken("this one is enrolled already");
        audit("factor.added", actorOf(principal), { user: principal.id, factor: id, method, name: row.name });
      });
      return shown(row);
    },

    remove(principal: Principal, id: string): void {
      const row = repository.get(id);
      if (row === null || row.userId !== principal.id)
        throw factorErrors.factor_unknown("you have no factor with this id; see the list");
      const rest = repository.ofUser(principal.id).filter((one) => one.id !== id);
      if (!hasSecond(rest) && hasSecond([row]) && deps.isRequired(principal.id))
        throw factorErrors.factor_needed("your account must have a second factor; add another one first");
      store.transaction(() => {
        repository.remove(id);
        // Codes that stand in for a second factor stand for nothing without one.
        if (!hasSecond(rest)) for (const backup of rest) repository.remove(backup.id);
        audit("factor.removed", actorOf(principal), { user: principal.id, factor: id, method: row.method });
      });
    },

    /** For an admin, when somebody has lost everything. The caller ends the sessions. */
    reset(userId: string, by: Principal): number {
      const removed = repository.removeOfUser(userId);
      challenges.removeOfUser(userId);
      audit("factor.reset", actorOf(by), { user: userId, factors: removed });
      return removed;
    },
  };
}
