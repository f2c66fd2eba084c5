/** Server-side sessions: an opaque 256-bit value in a cookie, of which only the hash is stored. */
import type { Clock, Principal } from "cortex";
import type { Vault } from "../ports/secrets/vault.ts";
import type { AccessRepository } from "../store/monitor/access.repository.ts";
import type { SessionRow, UserRow } from "../store/monitor/access.schema.ts";
import { randomToken, sha256 } from "./secrets.ts";

export interface SessionLimits {
  idleMs: number;
  maxMs: number;
  /** How long a full authentication counts as recent. */
  recentMs: number;
}

/** Somebody who has just come in. */
export interface Login {
  /** Value of the session cookie. */
  token: string;
  principal: Principal;
}

export interface SessionSource {
  ip: string;
  userAgent: string;
}

/** By what a session was opened. */
export interface SessionProof {
  /** `password`, `password+totp`, `passkey`, … */
  method: string;
  /** Two factors, one that is as good as two, or an identity provider that is trusted with that. */
  strong?: boolean;
  /** Epoch ms of the proof, where it was earlier. */
  authAt?: number;
  /** Where the browser goes at logout. */
  endUrl?: string | null;
}

export interface SessionEnd {
  /** Epoch ms, without further use. */
  idleAt: number;
  /** Epoch ms, however busy. */
  at: number;
  /** How long it lives without use. */
  idleMs: number;
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(
  clock: Clock,
  access: AccessRepository,
  limits: () => SessionLimits,
  newId: () => string,
  vault: Pick<Vault, "seal" | "open">,
  /** Whether a user must show a second factor. */
  isRequired: (user: UserRow) => boolean,
) {
  const alive = (row: SessionRow, now: number) =>
    now < row.expiresAt && now < row.lastUsedAt + limits().idleMs && now >= row.createdAt - CLOCK_SLACK_MS;

  const principalOf = (user: UserRow, session: SessionRow): Principal => ({
    kind: "user",
    id: user.id,
    name: user.name,
    role: user.role,
    grants: user.grants,
    sessionId: session.id,
    authAt: session.authAt,
    // Good for one's own profile, where the second factor is added.
    ...(!session.strong && isRequired(user) ? { permissions: ["self"], mustEnrol: true } : {}),
  });

  return {
    /** Always a new value: whatever the browser held before login is worth nothing afterwards. */
    open(user: UserRow, proof: SessionProof, source: SessionSource): { token: string; principal: Principal } {
      const token = randomToken();
      const now = clock.now();
      const id = newId();
      const row: SessionRow = {
        tokenHash: sha256(token),
        id,
        userId: user.id,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + limits().maxMs,
        ip: source.ip.slice(0, 100),
        userAgent: source.userAgent.slice(0, 300),
        authAt: proof.authAt ?? now,
        method: proof.method,
        strong: proof.strong ?? false,
        endUrl: proof.endUrl ? vault.seal("sessions.end_url", id, proof.endUrl) : null,
      };
      const others = access.sessions.all().filter((one) => one.userId === user.id);
      for (const oldest of others.slice(0, Math.max(0, others.length - MAX_PER_USER + 1)))
        access.sessions.remove(oldest.id);
      access.sessions.add(row);
      return { token, principal: principalOf(user, row) };
    },
    /**
     * A new value for a session that just proved itself; the old one is dead. null when the session ended meanwhile.
     */
    reissue(id: string): { token: string; principal: Principal } | null {
      const token = randomToken();
      access.sessions.reissue(id, sha256(token), clock.now());
      const row = access.sessions.byId(id);
      const user = row && access.users.get(row.userId);
      return row && user && { token, principal: principalOf(user, row) };
    },
    /**
     * null for a value that opens no session (any more). What the user may do is read anew each time. `isUse`: false for
     * what a page asks by itself, which keeps no session alive.
     */
    resolve(token: string, isUse = true): Principal | null {
      const row = access.sessions.byHash(sha256(token));
      if (row === null) return null;
      const now = clock.now();
      if (!alive(row, now)) {
        access.sessions.remove(row.id);
        return null;
      }
      const user = access.users.get(row.userId);
      if (user === null || user.disabled) return null;
      // Not at every request: each touch is a commit.
      if (isUse && now - row.lastUsedAt > Math.min(TOUCH_MS, limits().idleMs / 10))
        access.sessions.touch(row.tokenHash, now);
      return principalOf(user, row);
    },
    /** When it ends if nothing is asked from now on, and when in any case; null for one that is gone. */
    endOf(id: string): SessionEnd | null {
      const row = access.sessions.byId(id);
      if (row === null) return null;
      const { idleMs } = limits();
      return { idleAt: Math.min(row.lastUsedAt + idleMs, row.expiresAt), at: row.expiresAt, idleMs };
    },
    /** Whether a session could still be used; for sockets, which make no requests. */
    isAlive(id: string): boolean {
      const row = access.sessions.byId(id);
      return row !== null && alive(row, clock.now());
    },
    /** All factors were shown again, or a second one was added. */
    renew(id: string, change: { strong?: true }): void {
      access.sessions.change(id, { authAt: clock.now(), ...change });
    },
    endUrlOf(id: string): string | null {
      const sealed = access.sessions.byId(id)?.endUrl ?? null;
      return sealed === null ? null : vault.open("sessions.end_url", id, sealed);
    },
    removeExpired: () => access.sessions.removeExpired(clock.now(), clock.now() - limits().idleMs),
  };
}

/** A new one ends the oldest: more browsers than these are forgotten ones. */
const MAX_PER_USER = 20;
const TOUCH_MS = 30_000;
/** A session from the future means that the clock went back by far; its age can't be known. */
const CLOCK_SLACK_MS = 300_000;
