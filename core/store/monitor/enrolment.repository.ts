/** Join tokens, who enrolled with them, the keys of nodes, and which of their signed requests were taken. */
import { and, asc, eq, gt, lt, ne, sql } from "drizzle-orm";
import type { SeqRanges } from "./inbox.repository.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import {
  type EnrolmentRow,
  enrolments,
  type JoinTokenRow,
  joinTokens,
  type NodeKeyRow,
  nodeKeys,
  requestsSeen,
} from "./enrolment.schema.ts";

export interface EnrolmentRepository {
  tokens: {
    /** Newest last. */
    all(): JoinTokenRow[];
    get(id: string): JoinTokenRow | null;
    add(token: JoinTokenRow): void;
    /** One use of the token with this digest, in one statement: null when it is unknown, used up or expired. */
    consume(secretHash: string, now: number): JoinTokenRow | null;
    remove(id: string): void;
    removeExpiredBefore(at: number): void;
  };
  nodes: {
    all(): EnrolmentRow[];
    get(nodeId: string): EnrolmentRow | null;
    pending(): number;
    put(row: EnrolmentRow): void;
    change(nodeId: string, change: Partial<Omit<EnrolmentRow, "nodeId">>): void;
    /** Only of those that were never let in. */
    remove(nodeId: string): void;
  };
  keys: {
    get(id: string): NodeKeyRow | null;
    ofNode(nodeId: string): NodeKeyRow[];
    put(key: NodeKeyRow): void;
    setState(id: string, state: NodeKeyRow["state"], at: number): void;
    /** End every key of a node that could still be used. */
    revokeAll(nodeId: string, at: number): void;
    removeOfNode(nodeId: string): void;
  };
  requests: {
    seen(nodeId: string, epoch: number): SeqRanges;
    putSeen(nodeId: string, epoch: number, ranges: SeqRanges): void;
  };
}

export function createEnrolmentRepository(db: MonitorDatabase): EnrolmentRepository {
  const value = sql.placeholder;
  const nodeById = db
    .select()
    .from(enrolments)
    .where(eq(enrolments.nodeId, value("nodeId")))
    .prepare();
  const keyById = db
    .select()
    .from(nodeKeys)
    .where(eq(nodeKeys.id, value("id")))
    .prepare();
  const readSeen = db
    .select({ ranges: requestsSeen.ranges })
    .from(requestsSeen)
    .where(and(eq(requestsSeen.nodeId, value("nodeId")), eq(requestsSeen.epoch, value("epoch"))))
    .prepare();
  const writeSeen = db
    .insert(requestsSeen)
    .values({ nodeId: value("nodeId"), epoch: value("epoch"), ranges: value("ranges") })
    .onConflictDoUpdate({
      target: [requestsSeen.nodeId, requestsSeen.epoch],
      set: { ranges: sql`excluded.ranges` },
    })
    .prepare();

  return {
    tokens: {
      all: () => db.select().from(joinTokens).orderBy(asc(joinTokens.createdAt), asc(joinTokens.id)).all(),
      get: (id) => db.select().from(joinTokens).where(eq(joinTokens.id, id)).get() ?? null,
      add: (token) => void db.insert(joinTokens).values(token).run(),
      consume: (secretHash, now) =>
        db
          .update(joinTokens)
          .set({ used: sql`${joinTokens.used} + 1` })
          .where(
            and(
              eq(joinTokens.secretHash, secretHash),
              lt(joinTokens.used, joinTokens.uses),
              gt(joinTokens.expiresAt, now),
            ),
          )
          .returning()
          .all()[0] ?? null,
      remove: (id) => void db.delete(joinTokens).where(eq(joinTokens.id, id)).run(),
      removeExpiredBefore: (at) => void db.delete(joinTokens).where(lt(joinTokens.expiresAt, at)).run(),
    },
    nodes: {
      all: () => db.select().from(enrolments).orderBy(asc(enrolments.requestedAt)).all(),
      get: (nodeId) => nodeById.get({ nodeId }) ?? null,
      pending: () =>
        db
          .select({ count: sql<number>`count(*)` })
          .from(enrolments)
          .where(eq(enrolments.state, "pending"))
          .get()?.count ?? 0,
      put: ({ nodeId, ...rest }) =>
        void db
          .insert(enrolments)
          .values({ nodeId, ...rest })
          .onConflictDoUpdate({ target: enrolments.nodeId, set: rest })
          .run(),
      change: (nodeId, change) =>
        void db.update(enrolments).set(change).where(eq(enrolments.nodeId, nodeId)).run(),
      remove: (nodeId) =>
        void db
          .delete(enrolments)
          .where(and(eq(enrolments.nodeId, nodeId), eq(enrolments.state, "pending")))
          .run(),
    },
    keys: {
      get: (id) => keyById.get({ id }) ?? null,
      ofNode: (nodeId) =>
        db.select().from(nodeKeys).where(eq(nodeKeys.nodeId, nodeId)).orderBy(asc(nodeKeys.createdAt)).all(),
      put: (key) => void db.insert(nodeKeys).values(key).run(),
      setState: (id, state, at) =>
        void db
          .update(nodeKeys)
          .set({ state, endedAt: state === "next" || state === "current" ? null : at })
          .where(eq(nodeKeys.id, id))
          .run(),
      revokeAll: (nodeId, at) =>
        void db
          .update(nodeKeys)
          .set({ state: "revoked", endedAt: at })
          .where(and(eq(nodeKeys.nodeId, nodeId), ne(nodeKeys.state, "retired")))
          .run(),
      removeOfNode: (nodeId) => void db.delete(nodeKeys).where(eq(nodeKeys.nodeId, nodeId)).run(),
    },
    requests: {
      seen: (nodeId, epoch) => readSeen.get({ nodeId, epoch })?.ranges ?? [],
      putSeen: (nodeId, epoch, ranges) => void writeSeen.run({ nodeId, epoch, ranges }),
    },
  };
}
