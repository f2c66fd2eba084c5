/** Decisions and the versions of the policy they were made under. */
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { Decision, DecisionState } from "../../domain/decide/decision.ts";
import type { PolicyDocument } from "../../domain/decide/policy.ts";
import type { MonitorDatabase } from "./drizzle.ts";
import { afterCursor, createFind, named, newestFirst, type Page, type PageRequest, toPage } from "./page.ts";
import { decisions, evaluations, judgeCalls, policies } from "./decisions.schema.ts";

export interface DecisionFilter extends PageRequest {
  /** An id, or its beginning or end. */
  id?: string;
  state?: DecisionState[];
  node?: string;
  /** Only of these nodes: what the caller may see. */
  nodes?: string[];
}

export interface PolicyVersion {
  version: number;
  at: number;
  author: string;
  note: string;
  document: PolicyDocument;
  /** As it was written, in YAML; null where nobody wrote it. */
  text: string | null;
}

export interface EvaluationPass {
  decider: string;
  model: string;
  /** Epoch ms. */
  at: number;
  /** Digest of the cases and the prompt that it was evaluated with. */
  digest: string;
  /** Rates and counts of the run. */
  figures: Record<string, number>;
}

export interface DecisionsRepository {
  /** False when there is a decision about this intent already. */
  add(decision: Decision): boolean;
  /** Write it if it still is in state `from`; false when somebody was faster. */
  change(decision: Decision, from: DecisionState): boolean;
  get(id: string): Decision | null;
  ofIntent(node: string, intentId: string): Decision | null;
  find(filter: DecisionFilter): Page<Decision>;
  /** Waiting ones, oldest first. */
  pending(): Decision[];
  /** Answered ones of which the node has not been told. */
  undelivered(): Decision[];
  /** Answered ones about the same repair, newest first. */
  precedents(repair: string, limit: number): Decision[];
  policy: {
    current(): PolicyVersion | null;
    versions(limit: number): PolicyVersion[];
    get(version: number): PolicyVersion | null;
    add(version: Omit<PolicyVersion, "version">): PolicyVersion;
  };
  /** Models that passed the evaluation; nobody else may decide. */
  evaluations: {
    get(decider: string, model: string): EvaluationPass | null;
    put(pass: EvaluationPass): void;
    all(): EvaluationPass[];
  };
  judgeCalls: {
    add(call: {
      at: number;
      decider: string;
      model: string;
      problemId: string | null;
      costUsd: number;
    }): void;
    /** Dollars since a time, and calls about one problem since then. */
    spentSince(at: number): number;
    callsAbout(problemId: string, since: number): number;
  };
}

export function createDecisionsRepository(db: MonitorDatabase): DecisionsRepository {
  const value = sql.placeholder;
  const find = createFind((uses) =>
    db
      .select({ id: decisions.id, at: decisions.createdAt, body: decisions.body })
      .from(decisions)
      .where(
        and(
          uses.among(decisions.state, "state"),
          uses.equal(decisions.nodeId, "node"),
          uses.among(decisions.nodeId, "nodes"),
          uses.has("id") ? named(decisions.id, "id") : undefined,
          uses.has("cursorAt") ? afterCursor(decisions.createdAt, decisions.id) : undefined,
        ),
      )
      .orderBy(...newestFirst(decisions.createdAt, decisions.id))
      .limit(value("limit"))
      .prepare(),
  );
  const bodies = (rows: { body: Decision }[]) => rows.map(({ body }) => body);
  const columns = (decision: Decision) => ({
    state: decision.state,
    delivery: decision.delivery?.state ?? null,
    decidedAt: decision.decidedAt,
    body: decision,
  });
  const asVersion = (row: typeof policies.$inferSelect): PolicyVersion => row;

  return {
    add: (decision) =>
      db
        .insert(decisions)
        .values({
          id: decision.id,
          intentId: decision.intentId,
          nodeId: decision.node,
          repair: decision.repair,
          createdAt: decision.createdAt,
          ...columns(decision),
        })
        .onConflictDoNothing()
        .returning({ id: decisions.id })
        .all().length === 1,
    change: (decision, from) =>
      db
        .update(decisions)
        .set(columns(decision))
        .where(and(eq(decisions.id, decision.id), eq(decisions.state, from)))
        .returning({ id: decisions.id })
        .all().length === 1,
    get: (id) => db.select().from(decisions).where(eq(decisions.id, id)).get()?.body ?? null,
    ofIntent: (node, intentId) =>
      db
        .select()
        .from(decisions)
        .where(and(eq(decisions.nodeId, node), eq(decisions.intentId, intentId)))
        .get()?.body ?? null,
    find: (filter) =>
      toPage(
        find(filter),
        filter.limit,
        ({ body }) => body,
        ({ at, id }) => ({ at, id }),
      ),
    pending: () =>
      bodies(
        db
          .select()
          .from(decisions)
          .where(eq(decisions.state, "pending"))
          .orderBy(asc(decisions.createdAt))
          .all(),
      ),
    undelivered: () =>
      bodies(
        db
          .select()
          .from(decisions)
          .where(eq(decisions.delivery, "due"))
          .orderBy(asc(decisions.createdAt))
          .all(),
      ),
    precedents: (repair, limit) =>
      bodies(
        db
          .select()
          .from(decisions)
          .where(and(eq(decisions.repair, repair), inArray(decisions.state, ["approved", "rejected"])))
          .orderBy(desc(decisions.createdAt))
          .limit(limit)
          .all(),
      ),
    policy: {
      current() {
        const row = db.select().from(policies).orderBy(desc(policies.version)).limit(1).get();
        return row === undefined ? null : asVersion(row);
      },
      versions: (limit) =>
        db.select().from(policies).orderBy(desc(policies.version)).limit(limit).all().map(asVersion),
      get(version) {
        const row = db.select().from(policies).where(eq(policies.version, version)).get();
        return row === undefined ? null : asVersion(row);
      },
      add: (version) => asVersion(db.insert(policies).values(version).returning().get()),
    },
    evaluations: {
      get: (decider, model) =>
        db
          .select()
          .from(evaluations)
          .where(and(eq(evaluations.decider, decider), eq(evaluations.model, model)))
          .get() ?? null,
      put: (pass) =>
        void db
          .insert(evaluations)
          .values(pass)
          .onConflictDoUpdate({
            target: [evaluations.decider, evaluations.model],
            set: { at: pass.at, digest: pass.digest, figures: pass.figures },
          })
          .run(),
      all: () => db.select().from(evaluations).all(),
    },
    judgeCalls: {
      add: (call) => void db.insert(judgeCalls).values(call).run(),
      spentSince: (at) =>
        db
          .select({ sum: sql<number>`coalesce(sum(${judgeCalls.costUsd}), 0)` })
          .from(judgeCalls)
          .where(sql`${judgeCalls.at} >= ${at}`)
          .get()?.sum ?? 0,
      callsAbout: (problemId, since) =>
        db
          .select({ count: sql<number>`count(*)` })
          .from(judgeCalls)
          .where(and(eq(judgeCalls.problemId, problemId), sql`${judgeCalls.at} >= ${since}`))
          .get()?.count ?? 0,
    },
  };
}
