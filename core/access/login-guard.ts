/**
 * How fast anybody may guess: 5 tries a minute per account and 20 per address, and after 5 failures in a row of an
 * account from an address a wait that doubles from 15 s to 15 min. Waits are stored, so a restart forgives nothing.
 * Unknown accounts are treated like known ones.
 */
import { type Clock, defineErrors } from "cortex";
import type { AccessRepository } from "../store/monitor/access.repository.ts";
import { createBuckets } from "./rate-limit.ts";

export const loginErrors = defineErrors("auth", { too_many_tries: "unavailable" });

const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 900_000;
/** Remembered since the start of the program; the oldest is forgotten first. */
const MAX_PLACES = 10_000;
/** A row that has not been touched for a day is forgotten. */
const FORGET_MS = 86_400_000;

export interface LoginGuard {
  /** Throws `auth.too_many_tries` with `details.retryAfterMs`. `from`: the address, where `ip` stands for all of them. */
  admit(account: string, ip: string, from?: string): void;
  /** Gives the wait that begins now, ms; 0 while tries are free. */
  failed(account: string, ip: string): number;
  succeeded(account: string, ip: string): void;
  forgetOld(): void;
}

/** For showing what is guarded against: nobody ever waits. */
export const noLoginGuard: LoginGuard = {
  admit: () => {},
  failed: () => 0,
  succeeded: () => {},
  forgetOld: () => {},
};

export function createLoginGuard(clock: Clock, lockouts: AccessRepository["lockouts"]): LoginGuard {
  const perAccount = createBuckets(clock, { perMinute: 5, burst: 5 });
  const perAddress = createBuckets(clock, { perMinute: 20, burst: 20 });
  /** Accounts with an address from which they signed in: guesses made elsewhere do not keep their owners out. */
  const places = new Set<string>();
  const keyOf = (account: string, ip: string) => `${account.toLowerCase().slice(0, 200)}|${ip}`;

  return {
    admit(account, ip, from = ip) {
      const key = keyOf(account, ip);
      const locked = lockouts.get(key);
      const waitMs = Math.max(
        perAddress.take(from),
        perAccount.take(places.has(key) ? key : account.toLowerCase().slice(0, 200)),
        locked === null ? 0 : locked.until - clock.now(),
      );
      if (waitMs <= 0) return;
      throw loginErrors.too_many_tries(`too many tries; wait ${Math.ceil(waitMs / 1000)} s and try again`, {
        details: { retryAfterMs: waitMs },
      });
    },
    failed(account, ip) {
      const key = keyOf(account, ip);
      const failures = (lockouts.get(key)?.failures ?? 0) + 1;
      const beyond = failures - FREE_FAILURES;
      const waitMs = beyond < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** beyond);
      lockouts.put(key, failures, clock.now() + waitMs);
      return waitMs;
    },
    succeeded(account, ip) {
      const key = keyOf(account, ip);
      lockouts.remove(key);
      places.add(key);
      if (places.size > MAX_PLACES) places.delete(places.keys().next().value!);
    },
    forgetOld: () => lockouts.removeBefore(clock.now() - FORGET_MS),
  };
}
