/** What was received: which messages were handled, which could not be understood, what nodes declared lost. */
import { and, desc, eq, lt, sql } from "drizzle-orm";
import type { CheckpointBody } from "../../wire/inventory.ts";
import type { GapBody } from "../../wire/report.ts";
import { gaps, idempotency, nodeCheckpoints, quarantine, seen } from "./inbox.schema.ts";
import type { MonitorDatabase } from "./drizzle.ts";

/** Inclusive, ascending, never touching each other: `[[1, 880], [882, 900]]`. */
export type SeqRanges = [number, number][];

export interface InboxRepository {
  seen(nodeId: string, epoch: number): SeqRanges;
  putSeen(nodeId: string, epoch: number, ranges: SeqRanges): void;
  /** False when this node used the key before. */
  claimKey(nodeId: string, key: string, at: number): boolean;
  removeKeysBefore(at: number): void;
  quarantine(nodeId: string | null, at: number, reason: string, raw: string): void;
  quarantined(): { count: number; newest: { nodeId: string | null; at: number; reason: string }[] };
  addGap(nodeId: string, gap: GapBody): void;
  addCheckpoint(nodeId: string, checkpoint: CheckpointBody): void;
  /** Newest first. */
  checkpoints(nodeId: string, limit: number): CheckpointBody[];
}

/** Quarantined messages are samples for people, not an archive. */
const QUARANTINE_ROWS = 1000;

export function createInboxRepository(db: MonitorDatabase): InboxRepository {
  const value = sql.placeholder;
  const readSeen = db
    .select({ ranges: seen.ranges })
    .from(seen)
    .where(and(eq(seen.nodeId, value("nodeId")), eq(seen.epoch, value("epoch"))))
    .prepare();
  const writeSeen = db
    .insert(seen)
    .values({ nodeId: value("nodeId"), epoch: value("epoch"), ranges: value("ranges") })
    .onConflictDoUpdate({ target: [seen.nodeId, seen.epoch], set: { ranges: sql`excluded.ranges` } })
    .prepare();
  const claim = db
    .insert(idempotency)
    .values({ nodeId: value("nodeId"), key: value("key"), at: value("at") })
    .onConflictDoNothing()
    .returning({ key: idempotency.key })
    .prepare();

  return {
    seen: (nodeId, epoch) => readSeen.get({ nodeId, epoch })?.ranges ?? [],
    putSeen: (nodeId, epoch, ranges) => void writeSeen.run({ nodeId, epoch, ranges }),
    claimKey: (nodeId, key, at) => claim.all({ nodeId, key, at }).length === 1,
    removeKeysBefore: (at) => void db.delete(idempotency).where(lt(idempotency.at, at)).run(),
    quarantine(nodeId, at, reason, raw) {
      const row = db
        .insert(quarantine)
        .values({ nodeId, at, reason, raw })
        .returning({ id: quarantine.id })
        .get();
      db.delete(quarantine)
        .where(lt(quarantine.id, row.id - QUARANTINE_ROWS + 1))
        .run();
    },
    quarantined: () => ({
      count:
        db
          .select({ count: sql<number>`count(*)` })
          .from(quarantine)
          .get()?.count ?? 0,
      newest: db
        .select({ nodeId: quarantine.nodeId, at: quarantine.at, reason: quarantine.reason })
        .from(quarantine)
        .orderBy(desc(quarantine.id))
        .limit(20)
        .all(),
    }),
    addGap(nodeId, gap) {
      db.insert(gaps)
        .values({ ...gap, nodeId, from: Date.parse(gap.from), to: Date.parse(gap.to) })
        .run();
    },
    addCheckpoint(nodeId, checkpoint) {
      // The first head of a size stays: a second, different one would be the sign of a rewritten history.
      db.insert(nodeCheckpoints)
        .values({ ...checkpoint, nodeId, at: Date.parse(checkpoint.at) })
        .onConflictDoNothing()
        .run();
    },
    checkpoints: (nodeId, limit) =>
      db
        .select()
        .from(nodeCheckpoints)
        .where(eq(nodeCheckpoints.nodeId, nodeId))
        .orderBy(desc(nodeCheckpoints.size))
        .limit(limit)
        .all()
        .map(({ nodeId: _nodeId, at, ...row }) => ({ ...row, at: new Date(at).toISOString() })),
  };
}

/** Add one number; null when it is already in. The usual case, the next number, changes one pair. */
export function addSeq(ranges: SeqRanges, seq: number): SeqRanges | null {
  const last = ranges.at(-1);
  if (last && seq === last[1] + 1) return [...ranges.slice(0, -1), [last[0], seq]];
  if (!last || seq > last[1]) return [...ranges, [seq, seq]];
  if (ranges.some(([from, to]) => seq >= from && seq <= to)) return null;
  const sorted = [...ranges, [seq, seq] as [number, number]].sort((a, b) => a[0] - b[0]);
  const merged: SeqRanges = [];
  for (const [from, to] of sorted) {
    const before = merged.at(-1);
    if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
