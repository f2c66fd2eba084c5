/** Factors, open challenges, and who is who at identity providers. */
import { and, eq, lt, sql } from "drizzle-orm";
import type { MonitorDatabase } from "./drizzle.ts";
import { type ChallengeRow, challenges, type FactorRow, factors, identities } from "./sign-in.schema.ts";

export interface SignInRepository {
  factors: {
    ofUser(userId: string): FactorRow[];
    get(id: string): FactorRow | null;
    byHandle(method: string, handle: string): FactorRow | null;
    /** False when the handle is taken. */
    add(factor: FactorRow): boolean;
    /** False when `data` is not `before` any more: somebody else used it meanwhile. */
    used(id: string, before: string, data: string, at: number): boolean;
    remove(id: string): void;
    removeOfUser(userId: string): number;
  };
  challenges: {
    get(ticketHash: string): ChallengeRow | null;
    add(challenge: ChallengeRow): void;
    change(ticketHash: string, change: Partial<Pick<ChallengeRow, "state" | "tries">>): void;
    /** False when it was already gone. */
    remove(ticketHash: string): boolean;
    removeOfUser(userId: string): void;
    removeBefore(at: number): void;
    count(): number;
  };
  identities: {
    userOf(issuer: string, subject: string): string | null;
    isExternal(userId: string): boolean;
    add(issuer: string, subject: string, userId: string, at: number): void;
    removeOfUser(userId: string): void;
  };
}

export function createSignInRepository(db: MonitorDatabase): SignInRepository {
  return {
    factors: {
      ofUser: (userId) =>
        db
          .select()
          .from(factors)
          .where(eq(factors.userId, userId))
          .orderBy(factors.createdAt, factors.id)
          .all(),
      get: (id) => db.select().from(factors).where(eq(factors.id, id)).get() ?? null,
      byHandle: (method, handle) =>
        db
          .select()
          .from(factors)
          .where(and(eq(factors.method, method), eq(factors.handle, handle)))
          .get() ?? null,
      add: (factor) =>
        db.insert(factors).values(factor).onConflictDoNothing().returning({ id: factors.id }).all().length ===
        1,
      used: (id, before, data, at) =>
        db
          .update(factors)
          .set({ data, lastUsedAt: at })
          .where(and(eq(factors.id, id), eq(factors.data, before)))
          .returning({ id: factors.id })
          .all().length === 1,
      remove: (id) => void db.delete(factors).where(eq(factors.id, id)).run(),
      removeOfUser: (userId) =>
        db.delete(factors).where(eq(factors.userId, userId)).returning({ id: factors.id }).all().length,
    },
    challenges: {
      get: (ticketHash) =>
        db.select().from(challenges).where(eq(challenges.ticketHash, ticketHash)).get() ?? null,
      add: (challenge) => void db.insert(challenges).values(challenge).run(),
      change: (ticketHash, change) =>
        void db.update(challenges).set(change).where(eq(challenges.ticketHash, ticketHash)).run(),
      remove: (ticketHash) =>
        db
          .delete(challenges)
          .where(eq(challenges.ticketHash, ticketHash))
          .returning({ ticketHash: challenges.ticketHash })
          .all().length === 1,
      removeOfUser: (userId) => void db.delete(challenges).where(eq(challenges.userId, userId)).run(),
      removeBefore: (at) => void db.delete(challenges).where(lt(challenges.expiresAt, at)).run(),
      count: () =>
        db
          .select({ count: sql<number>`count(*)` })
          .from(challenges)
          .get()?.count ?? 0,
    },
    identities: {
      userOf: (issuer, subject) =>
        db
          .select({ userId: identities.userId })
          .from(identities)
          .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
          .get()?.userId ?? null,
      isExternal: (userId) =>
        db.select().from(identities).where(eq(identities.userId, userId)).limit(1).all().length > 0,
      add: (issuer, subject, userId, at) =>
        void db.insert(identities).values({ issuer, subject, userId, createdAt: at }).run(),
      removeOfUser: (userId) => void db.delete(identities).where(eq(identities.userId, userId)).run(),
    },
  };
}
