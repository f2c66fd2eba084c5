/** People and programs that may use the API, their sessions and keys, lockouts, and small settings. */
import { and, eq, lt, ne, or, sql } from "drizzle-orm";
import { isTreeAdmin } from "../../domain/access.ts";
import {
  type KeyRow,
  keys,
  lockouts,
  type SessionRow,
  sessions,
  settings,
  type UserRow,
  users,
} from "./access.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

export interface AccessRepository {
  users: {
    all(): UserRow[];
    get(id: string): UserRow | null;
    byName(name: string): UserRow | null;
    /** False when the name is taken. */
    add(user: Omit<UserRow, "nameKey">): boolean;
    change(
      id: string,
      change: Partial<Pick<UserRow, "name" | "role" | "grants" | "disabled" | "passwordHash" | "language">>,
    ): void;
    remove(id: string): void;
    loggedIn(id: string, at: number): void;
    /** Enabled users with the role admin on the whole tree. */
    admins(): number;
  };
  sessions: {
    byHash(tokenHash: string): SessionRow | null;
    byId(id: string): SessionRow | null;
    all(): SessionRow[];
    add(session: SessionRow): void;
    touch(tokenHash: string, at: number): void;
    change(id: string, change: Partial<Pick<SessionRow, "authAt" | "strong">>): void;
    /** A new value for the same session, which proved itself just now. */
    reissue(id: string, tokenHash: string, authAt: number): void;
    remove(id: string): void;
    /** All of a user's, or all but one; returns their ids. */
    removeOfUser(userId: string, except?: string): string[];
    /** Everybody's, or all but one; returns their ids. */
    removeAll(except?: string): string[];
    /** Sessions beyond their idle or absolute end; returns their ids. */
    removeExpired(now: number, idleBefore: number): string[];
  };
  keys: {
    all(): KeyRow[];
    get(id: string): KeyRow | null;
    add(key: KeyRow): void;
    remove(id: string): void;
    touch(id: string, at: number, address: string): void;
    change(
      id: string,
      change: Partial<
        Pick<KeyRow, "secretHash" | "formerHash" | "formerUntil" | "rotatedAt" | "version" | "knownAddresses">
      >,
    ): void;
  };
  lockouts: {
    get(account: string): { failures: number; until: number } | null;
    put(account: string, failures: number, until: number): void;
    remove(account: string): void;
    removeBefore(at: number): void;
  };
  settings: {
    get<T>(key: string): T | null;
    set(key: string, value: unknown): void;
    delete(key: string): void;
  };
}

export function createAccessRepository(db: MonitorDatabase): AccessRepository {
  const value = sql.placeholder;
  const userById = db
    .select()
    .from(users)
    .where(eq(users.id, value("id")))
    .prepare();
  const sessionByHash = db
    .select()
    .from(sessions)
    .where(eq(sessions.tokenHash, value("tokenHash")))
    .prepare();
  const keyById = db
    .select()
    .from(keys)
    .where(eq(keys.id, value("id")))
    .prepare();
  const nameKey = (name: string) => name.normalize("NFC").toLowerCase();
  const idsOf = (rows: { id: string }[]) => rows.map((row) => row.id);

  return {
    users: {
      all: () => db.select().from(users).orderBy(users.nameKey).all(),
      get: (id) => userById.get({ id }) ?? null,
      byName: (name) =>
        db
          .select()
          .from(users)
          .where(eq(users.nameKey, nameKey(name)))
          .get() ?? null,
      add: (user) =>
        db
          .insert(users)
          .values({ ...user, nameKey: nameKey(user.name) })
          .onConflictDoNothing()
          .returning({ id: users.id })
          .all().length === 1,
      change(id, change) {
        const all = { ...change, nameKey: change.name === undefined ? undefined : nameKey(change.name) };
        const given = Object.entries(all).filter(([, stored]) => stored !== undefined);
        if (given.length > 0) db.update(users).set(Object.fromEntries(given)).where(eq(users.id, id)).run();
      },
      remove: (id) => void db.delete(users).where(eq(users.id, id)).run(),
      loggedIn: (id, at) => void db.update(users).set({ lastLoginAt: at }).where(eq(users.id, id)).run(),
      admins: () =>
        db
          .select({ grants: users.grants })
          .from(users)
          .where(and(eq(users.role, "admin"), eq(users.disabled, false)))
          .all()
          .filter(({ grants }) => isTreeAdmin(grants)).length,
    },
    sessions: {
      byHash: (tokenHash) => sessionByHash.get({ tokenHash }) ?? null,
      byId: (id) => db.select().from(sessions).where(eq(sessions.id, id)).get() ?? null,
      all: () => db.select().from(sessions).orderBy(sessions.createdAt).all(),
      add: (session) => void db.insert(sessions).values(session).run(),
      touch: (tokenHash, at) =>
        void db.update(sessions).set({ lastUsedAt: at }).where(eq(sessions.tokenHash, tokenHash)).run(),
      reissue: (id, tokenHash, authAt) =>
        void db
          .update(sessions)
          .set({ tokenHash, authAt, lastUsedAt: authAt })
          .where(eq(sessions.id, id))
          .run(),
      remove: (id) => void db.delete(sessions).where(eq(sessions.id, id)).run(),
      change: (id, change) => void db.update(sessions).set(change).where(eq(sessions.id, id)).run(),
      removeOfUser: (userId, except = "") =>
        idsOf(
          db
            .delete(sessions)
            .where(and(eq(sessions.userId, userId), ne(sessions.id, except)))
            .returning({ id: sessions.id })
            .all(),
        ),
      removeAll: (except = "") =>
        idsOf(db.delete(sessions).where(ne(sessions.id, except)).returning({ id: sessions.id }).all()),
      removeExpired: (now, idleBefore) =>
        idsOf(
          db
            .delete(sessions)
            .where(or(lt(sessions.expiresAt, now), lt(sessions.lastUsedAt, idleBefore)))
            .returning({ id: sessions.id })
            .all(),
        ),
    },
    keys: {
      all: () => db.select().from(keys).orderBy(keys.createdAt).all(),
      get: (id) => keyById.get({ id }) ?? null,
      add: (key) => void db.insert(keys).values(key).run(),
      remove: (id) => void db.delete(keys).where(eq(keys.id, id)).run(),
      touch: (id, at, address) =>
        void db.update(keys).set({ lastUsedAt: at, lastAddress: address }).where(eq(keys.id, id)).run(),
      change: (id, change) => void db.update(keys).set(change).where(eq(keys.id, id)).run(),
    },
    lockouts: {
      get: (account) => db.select().from(lockouts).where(eq(lockouts.account, account)).get() ?? null,
      put: (account, failures, until) =>
        void db
          .insert(lockouts)
          .values({ account, failures, until })
          .onConflictDoUpdate({ target: lockouts.account, set: { failures, until } })
          .run(),
      remove: (account) => void db.delete(lockouts).where(eq(lockouts.account, account)).run(),
      removeBefore: (at) => void db.delete(lockouts).where(lt(lockouts.until, at)).run(),
    },
    settings: {
      get: <T>(key: string) =>
        (db.select().from(settings).where(eq(settings.key, key)).get()?.value as T | undefined) ?? null,
      set: (key, stored) =>
        void db
          .insert(settings)
          .values({ key, value: stored })
          .onConflictDoUpdate({ target: settings.key, set: { value: stored } })
          .run(),
      delete: (key) => void db.delete(settings).where(eq(settings.key, key)).run(),
    },
  };
}
