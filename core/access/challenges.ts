/**
 * What was asked and waits for its answer. A ticket names it; the browser that was asked holds a cookie whose hash is kept
 * beside, so that a ticket is worth nothing in another browser. Each ends after minutes and after a few wrong answers.
 */
import { type Clock, defineErrors } from "cortex";
import type { Vault } from "../ports/secrets/vault.ts";
import type { SignInRepository } from "../store/monitor/sign-in.repository.ts";
import type { ChallengeRow } from "../store/monitor/sign-in.schema.ts";
import { randomToken, sameDigest, sha256 } from "./secrets.ts";

export const challengeErrors = defineErrors("auth", {
  ticket_unknown: "unauthenticated",
  too_busy: "unavailable",
});

export type Purpose = ChallengeRow["purpose"];

export interface NewChallenge {
  purpose: Purpose;
  method: string;
  userId: string | null;
  state: unknown;
  /** Value of the browser's cookie. */
  browser: string;
}

export interface OpenChallenge {
  ticket: string;
  method: string;
  userId: string | null;
  state: unknown;
}

const LIFE_MS: Record<Purpose, number> = {
  login: 300_000,
  alone: 300_000,
  reauthenticate: 300_000,
  enrol: 600_000,
  // People find their password at the provider first.
  redirect: 600_000,
};
const MAX_TRIES = 5;
/** Asking needs no account, so it must not fill the disk. */
const MAX_OPEN = 20_000;

export interface ChallengesDeps {
  clock: Clock;
  repository: SignInRepository["challenges"];
  vault: Pick<Vault, "seal" | "open">;
  /** Off only to show what it guards against. */
  bindToBrowser?: boolean;
}

export type Challenges = ReturnType<typeof createChallenges>;

export function createChallenges({ clock, repository, vault, bindToBrowser = true }: ChallengesDeps) {
  const seal = (ticketHash: string, state: unknown) =>
    vault.seal("challenges.state", ticketHash, JSON.stringify(state));

  /** One answer for unknown, expired, of another browser and of another purpose. */
  function rowOf(ticket: string, purpose: Purpose, browser: string | null): ChallengeRow {
    const row = repository.get(sha256(ticket));
    const mine =
      row !== null &&
      row.purpose === purpose &&
      row.expiresAt > clock.now() &&
      (!bindToBrowser || sameDigest(row.browserHash, sha256(browser ?? "")));
    if (!mine)
      throw challengeErrors.ticket_unknown(
        "this login has taken too long or was begun in another browser; start again",
      );
    return row;
  }

  const opened = (ticket: string, row: ChallengeRow): OpenChallenge => ({
    ticket,
    method: row.method,
    userId: row.userId,
    state: JSON.parse(vault.open("challenges.state", row.ticketHash, row.state)) as unknown,
  });

  return {
    /** The ticket. Given `ticket`, that one: for where it had to be known before the state was. */
    add(challenge: NewChallenge, ticket = randomToken()): string {
      if (repository.count() >= MAX_OPEN)
        throw challengeErrors.too_busy("too many logins are open at the moment; try again in a few minutes");
      const ticketHash = sha256(ticket);
      repository.add({
        ticketHash,
        browserHash: sha256(challenge.browser),
        purpose: challenge.purpose,
        method: challenge.method,
        userId: challenge.userId,
        state: seal(ticketHash, challenge.state),
        tries: 0,
        expiresAt: clock.now() + LIFE_MS[challenge.purpose],
      });
      return ticket;
    },
    get: (ticket: string, purpose: Purpose, browser: string | null): OpenChallenge =>
      opened(ticket, rowOf(ticket, purpose, browser)),
    /** For answers that may be given once only: it is gone, whatever the answer is. */
    take(ticket: string, purpose: Purpose, browser: string | null): OpenChallenge {
      const row = rowOf(ticket, purpose, browser);
      repository.remove(row.ticketHash);
      return opened(ticket, row);
    },
    setState(ticket: string, state: unknown): void {
      const ticketHash = sha256(ticket);
      repository.change(ticketHash, { state: seal(ticketHash, state) });
    },
    /** A wrong answer; after a few of them the challenge is over. */
    failed(ticket: string): void {
      const ticketHash = sha256(ticket);
      const tries = (repository.get(ticketHash)?.tries ?? 0) + 1;
      if (tries >= MAX_TRIES) repository.remove(ticketHash);
      else repository.change(ticketHash, { tries });
    },
    /** False when somebody else has finished it meanwhile. */
    finish: (ticket: string): boolean => repository.remove(sha256(ticket)),
    removeOfUser: (userId: string) => repository.removeOfUser(userId),
    forgetOld: () => repository.removeBefore(clock.now()),
  };
}
