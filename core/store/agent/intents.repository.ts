/** Intents: one row each, one ledger entry per step. */
import { defineErrors } from "cortex";
import { canMove, type IntentRecord, type IntentState, isFinal } from "../../domain/intent.ts";
import type { Connection } from "../connection.ts";
import { codeOf } from "../errors.ts";
import type { IntentRepository, LedgerRepository } from "./agent-store.ts";
import { NAMED, oneOf, where } from "./where.ts";

export const intentErrors = defineErrors("intent", {
  illegal_step: "conflict",
  not_found: "not_found",
  exists: "conflict",
});

interface IntentRow {
  data: string;
}

const parse = (row: IntentRow): IntentRecord => JSON.parse(row.data) as IntentRecord;
/** Folded here because LIKE and lower() of SQLite know only ASCII. */
const searchText = (intent: IntentRecord): string => `${intent.summary}\n${intent.text}`.toLowerCase();

export function createIntents(
  connection: Connection,
  ledger: LedgerRepository,
  now: () => number,
): IntentRepository {
  const get = (id: string): IntentRecord | null => {
    const row = connection.get<IntentRow>("SELECT data FROM intents WHERE id = ?", id);
    return row === null ? null : parse(row);
  };
  const existing = (id: string): IntentRecord => {
    const intent = get(id);
    if (intent === null) throw intentErrors.not_found(`there is no intent ${id} on this node`);
    return intent;
  };

  /** True when the row was still in the state `from`. */
  const write = (intent: IntentRecord, from: IntentState): boolean =>
    connection.run(
      `UPDATE intents SET state = ?, level = ?, problem_id = ?, target = ?, repair = ?, category = ?, search = ?, data = ?
       WHERE id = ? AND state = ?`,
      intent.state,
      intent.level,
      intent.problemId,
      intent.target,
      intent.repair,
      intent.category,
      searchText(intent),
      JSON.stringify(intent),
      intent.id,
      from,
    ) === 1;

  const move: IntentRepository["move"] = (id, to, patch, actor) =>
    connection.transaction(() => {
      const before = existing(id);
      if (!canMove(before.state, to)) throw illegalStep(before, to);
      const at = now();
      const after: IntentRecord = { ...before, ...data(patch), state: to, updatedAt: at };
      if (isFinal(to) && patch.finishedAt === undefined) after.finishedAt = at;
      if (!write(after, before.state)) throw illegalStep(before, to);
      ledger.append(`intent.${to}`, actor ?? before.actor, stepPayload(before, after, patch));
      return after;
    });

  return {
    get,
    move,
    create: (intent) =>
      connection.transaction(() => {
        insert(connection, intent);
        ledger.append(`intent.${intent.state}`, intent.actor, intent);
      }),
    patch: (id, patch) =>
      connection.transaction(() => {
        const before = existing(id);
        const after: IntentRecord = { ...before, ...data(patch), updatedAt: now() };
        write(after, before.state);
        return after;
      }),
    find: (filter) => {
      const { sql, bindings } = where([
        [NAMED, filter.id],
        [oneOf("state"), filter.state],
        [oneOf("kind"), filter.kind],
        [oneOf("level"), filter.level],
        ["problem_id = ?", filter.problemId],
        ["target = ?", filter.target],
        ["repair = ?", filter.repair],
        ["category = ?", filter.category],
        ["instr(search, ?) > 0", filter.text?.toLowerCase()],
        ["created_at >= ?", filter.since],
        ["created_at <= ?", filter.until],
        ["id < ?", filter.before],
      ]);
      return connection
        .all<IntentRow>(
          `SELECT data FROM intents ${sql} ORDER BY id DESC LIMIT ?`,
          ...bindings,
          filter.limit ?? 100,
        )
        .map(parse);
    },
    statistics: (since) =>
      connection.all(
        `SELECT kind, level, state, count(*) AS count FROM intents WHERE created_at >= ?
         GROUP BY kind, level, state ORDER BY kind, level, state`,
        since,
      ),
  };
}

function insert(connection: Connection, intent: IntentRecord): void {
  try {
    connection.run(
      `INSERT INTO intents (id, kind, state, level, problem_id, target, repair, category, created_at, search, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      intent.id,
      intent.kind,
      intent.state,
      intent.level,
      intent.problemId,
      intent.target,
      intent.repair,
      intent.category,
      intent.createdAt,
      searchText(intent),
      JSON.stringify(intent),
    );
  } catch (error) {
    if (codeOf(error) !== "SQLITE_CONSTRAINT_PRIMARYKEY") throw error;
    throw intentErrors.exists(`the intent ${intent.id} exists already; ids are used once`, { cause: error });
  }
}

/** What a patch may change: never what identifies the intent, and the state only by `move`. */
function data(patch: Partial<IntentRecord>): Partial<IntentRecord> {
  const { id: _id, kind: _kind, state: _state, createdAt: _createdAt, ...rest } = patch;
  return rest;
}

/** The first entry of an intent holds the whole record; each step what it changed and what an auditor asks for. */
function stepPayload(before: IntentRecord, after: IntentRecord, patch: Partial<IntentRecord>): unknown {
  return {
    ...data(patch),
    id: after.id,
    from: before.state,
    state: after.state,
    hash: after.hash,
    attempt: after.attempt,
    decisions: after.decisions,
    evidenceIds: after.evidenceIds,
    outcome: after.outcome,
  };
}

function illegalStep(intent: IntentRecord, to: IntentState) {
  return intentErrors.illegal_step(`intent ${intent.id} is ${intent.state} and can't become ${to}`, {
    details: { id: intent.id, from: intent.state, to },
  });
}
