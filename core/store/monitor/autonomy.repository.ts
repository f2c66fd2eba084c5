/** What repairs have earned: grants with their history, the outcomes behind them, and the documents that nodes hold. */
import { and, desc, eq, gte, isNotNull, isNull, lt } from "drizzle-orm";
import type { RepairOutcome } from "../../domain/decide/earning.ts";
import {
  type AutonomyGrant,
  autonomyGrants,
  autonomyOutcomes,
  type StandingRow,
  standings,
} from "./autonomy.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

export interface OutcomeRow extends RepairOutcome {
  repair: string;
}

export interface AutonomyRepository {
  /** In force, newest first. */
  current(): AutonomyGrant[];
  /** Ended ones, newest end first. */
  history(limit: number): AutonomyGrant[];
  get(id: string): AutonomyGrant | null;
  add(grant: AutonomyGrant): void;
  /** False when it had ended before. */
  end(id: string, at: number, by: string, reason: string): boolean;
  outcomes: {
    /** False when the same was known. One that held and did not after all is written anew. */
    put(intentId: string, outcome: OutcomeRow): boolean;
    /** Since a time, epoch ms, newest first. */
    since(at: number, limit: number): OutcomeRow[];
    removeBefore(at: number): void;
  };
  standings: {
    get(nodeId: string): StandingRow | null;
    put(row: StandingRow): void;
    all(): StandingRow[];
  };
}

export function createAutonomyRepository(db: MonitorDatabase): AutonomyRepository {
  const grants = () => db.select().from(autonomyGrants);
  return {
    current: () => grants().where(isNull(autonomyGrants.endedAt)).orderBy(desc(autonomyGrants.at)).all(),
    history: (limit) =>
      grants()
        .where(isNotNull(autonomyGrants.endedAt))
        .orderBy(desc(autonomyGrants.endedAt), desc(autonomyGrants.at))
        .limit(limit)
        .all(),
    get: (id) => grants().where(eq(autonomyGrants.id, id)).get() ?? null,
    add: (grant) => void db.insert(autonomyGrants).values(grant).run(),
    end: (id, at, by, reason) =>
      db
        .update(autonomyGrants)
        .set({ endedAt: at, endedBy: by, endReason: reason })
        .where(and(eq(autonomyGrants.id, id), isNull(autonomyGrants.endedAt)))
        .returning({ id: autonomyGrants.id })
        .all().length === 1,
    outcomes: {
      put(intentId, { node, ...outcome }) {
        const key = and(eq(autonomyOutcomes.nodeId, node), eq(autonomyOutcomes.intentId, intentId));
        const known = db.select({ ok: autonomyOutcomes.ok }).from(autonomyOutcomes).where(key).get();
        if (known !== undefined && (known.ok === outcome.ok || !known.ok)) return false;
        db.insert(autonomyOutcomes)
          .values({ nodeId: node, intentId, ...outcome })
          .onConflictDoUpdate({
            target: [autonomyOutcomes.nodeId, autonomyOutcomes.intentId],
            set: { ok: outcome.ok, at: outcome.at },
          })
          .run();
        return true;
      },
      since: (at, limit) =>
        db
          .select()
          .from(autonomyOutcomes)
          .where(gte(autonomyOutcomes.at, at))
          .orderBy(desc(autonomyOutcomes.at))
          .limit(limit)
          .all()
          .map(({ nodeId: node, intentId: _, ...row }) => ({ node, ...row })),
      removeBefore: (at) => void db.delete(autonomyOutcomes).where(lt(autonomyOutcomes.at, at)).run(),
    },
    standings: {
      get: (nodeId) => db.select().from(standings).where(eq(standings.nodeId, nodeId)).get() ?? null,
      put: ({ nodeId, ...row }) =>
        void db
          .insert(standings)
          .values({ nodeId, ...row })
          .onConflictDoUpdate({ target: standings.nodeId, set: row })
          .run(),
      all: () => db.select().from(standings).all(),
    },
  };
}
