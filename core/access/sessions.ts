/** Server-side sessions: an opaque 256-bit value in a cookie, of which only the hash is stored. */
import type { Clock, Principal } from "cortex";
import type { AccessRepository } from "../store/monitor/access.repository.ts";
import type { SessionRow, UserRow } from "../store/monitor/schema.ts";
import { randomToken, sha256 } from "./secrets.ts";

export interface SessionLimits {
  idleMs: number;
  maxMs: number;
}

export interface SessionSource {
  ip: string;
  userAgent: string;
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(
  clock: Clock,
  access: AccessRepository,
  limits: () => SessionLimits,
  newId: () => string,
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
  });

  return {
    /** Always a new value: whatever the browser held before login is worth nothing afterwards. */
    open(user: UserRow, method: string, source: SessionSource): { token: string; principal: Principal } {
      const token = randomToken();
      const now = clock.now();
      const row: SessionRow = {
        tokenHash: sha256(token),
        id: newId(),
        userId: user.id,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + limits().maxMs,
        ip: source.ip.slice(0, 100),
        userAgent: source.userAgent.slice(0, 300),
        authAt: now,
        method,
      };
      access.sessions.add(row);
      return { token, principal: principalOf(user, row) };
    },
    /** null for a value that opens no session (any more). What the user may do is read anew each time. */
    resolve(token: string): Principal | null {
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
      if (now - row.lastUsedAt > Math.min(TOUCH_MS, limits().idleMs / 10))
        access.sessions.touch(row.tokenHash, now);
      return principalOf(user, row);
    },
    /** Whether a session could still be used; for sockets, which make no requests. */
    isAlive(id: string): boolean {
      const row = access.sessions.byId(id);
      return row !== null && alive(row, clock.now());
    },
    removeExpired: () => access.sessions.removeExpired(clock.now(), clock.now() - limits().idleMs),
  };
}

const TOUCH_MS = 30_000;
/** A session from the future means that the clock went back by far; its age can't be known. */
const CLOCK_SLACK_MS = 300_000;
