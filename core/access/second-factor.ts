/** The one check of a second factor: how often one may try, the audit entry, and the end of a ticket that was guessed at. */
import { defineErrors, type SignInPlace } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Audit } from "./audit.ts";
import type { Challenges } from "./challenges.ts";
import type { Factors } from "./factors.ts";
import type { LoginGuard } from "./login-guard.ts";

export const secondErrors = defineErrors("auth", { factor_wrong: "unauthenticated" });

export interface SecondAnswer {
  ticket: string;
  userId: string;
  method: string;
  /** As the challenge kept it. */
  state: unknown;
  answer: unknown;
  place: SignInPlace;
  ip: string;
}

/** Throws `auth.factor_wrong`, or `auth.too_many_tries`. */
export type AssertSecond = (given: SecondAnswer) => Promise<void>;

/** In place of an address: only somebody who knows the password gets this far, so all addresses share one count. */
const EVERYWHERE = "";

export function createSecondFactorCheck(deps: {
  store: MonitorStore;
  factors: Factors;
  challenges: Challenges;
  guard: LoginGuard;
  audit: Audit;
}): AssertSecond {
  const { store, factors, challenges, guard, audit } = deps;
  return async ({ ticket, userId, method, ip, ...given }) => {
    const account = `second factor of ${userId}`;
    guard.admit(account, EVERYWHERE, ip);
    if ((await factors.verify(method, userId, given)) !== null) {
      guard.succeeded(account, EVERYWHERE);
      return;
    }
    store.transaction(() => {
      challenges.failed(ticket);
      guard.failed(account, EVERYWHERE);
      audit("auth.factor_failed", "nobody", { user: userId, method, ip });
    });
    throw secondErrors.factor_wrong("this was not accepted; try again");
  };
}
