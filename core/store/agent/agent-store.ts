/**
 * The truth of one node: `agent.db`. Repositories over prepared bun:sqlite statements; nothing outside core/store knows
 * that it is SQLite. Everything is synchronous: a call that returned is durable (WAL, synchronous=FULL), and calls made
 * inside `transaction` become durable together.
 */
import type { IntentRecord, IntentState } from "../../domain/intent.ts";
import type { LedgerEntry } from "../../domain/ledger.ts";
import type { SealedPlace } from "../../ports/secrets/vault.ts";
import type { ProblemRecord, TargetState, TimeMark } from "../../domain/problem.ts";

export interface LedgerCheckpoint {
  origin: string;
  /** Number of entries it covers. */
  size: number;
  /** Hash of entry `size`, hex. */
  head: string;
  at: number;
  /** Ed25519 over "cortex.checkpoint.v1\0origin\nsize\nhead\nat", base64. */
  signature: string;
}

export interface LedgerFault {
  origin: string;
  seq: number;
  reason: string;
}

export interface LedgerRepository {
  /** Append inside the effect's transaction. Payload is stored as canonical JSON. */
  append(kind: string, actor: string, payload: unknown): LedgerEntry;
  /** Entries with seq > after, ascending. */
  read(after: number, limit: number): LedgerEntry[];
  head(): { size: number; hash: Uint8Array } | null;
  /** Re-hash every entry and compare with every checkpoint, in slices; null when the whole chain holds. */
  verify(): Promise<{ entries: number; fault: LedgerFault | null }>;
  /** Sign the head when there is something new since the last checkpoint. */
  checkpoint(): LedgerCheckpoint | null;
  checkpoints(): LedgerCheckpoint[];
}

export interface IntentFilter {
  /** An id, or its beginning or end. */
  id?: string;
  state?: IntentState[];
  kind?: IntentRecord["kind"][];
  level?: string[];
  problemId?: string;
  target?: string;
  repair?: string;
  category?: string;
  /** Substring of summary or text, case-insensitive. */
  text?: string;
  since?: number;
  until?: number;
  limit?: number;
  /** Return rows older than this intent id. */
  before?: string;
}

export interface IntentRepository {
  /** Insert with its first ledger entry `intent.STATE`. */
  create(intent: IntentRecord): void;
  /**
   * Move to `to`, apply `patch` and append `intent.TO` to the ledger, in one transaction. Throws `intent.illegal_step`
   * when the row is not in a state from which `to` may be reached (compare-and-set on the stored state).
   */
  move(id: string, to: IntentState, patch: Partial<IntentRecord>, actor?: string): IntentRecord;
  /** Change data without a step (outcome lines, watch). */
  patch(id: string, patch: Partial<IntentRecord>): IntentRecord;
  get(id: string): IntentRecord | null;
  find(filter: IntentFilter): IntentRecord[];
  /** Counts per kind, level and state. */
  statistics(since: number): { kind: string; level: string; state: string; count: number }[];
}

export interface AttemptRow {
  intentId: string;
  problemFingerprint: string;
  check: string;
  target: string;
  repair: string;
  startedAt: number;
  bootId: string;
  monoMs: number;
  /** running, success, failure, or interrupted (crash). */
  outcome: "running" | "success" | "failure" | "interrupted";
  endedAt: number | null;
}

/** `until` (wall ms) is for showing; how much of it is left is measured from `opened`. */
export interface Breaker {
  until: number;
  opened: TimeMark;
}

export interface EvidenceBundle {
  id: string;
  problemId: string;
  intentId: string | null;
  takenAt: number;
  /** Collector name → text; "missing: REASON" for those that were late. */
  parts: Record<string, string>;
  /** sha256 of the stored bytes, hex. */
  sha256: string;
}

export interface InspectionRow {
  id: string;
  check: string;
  instance: string;
  trigger: "schedule" | "event" | "manual" | "start";
  startedAt: number;
  durationMs: number;
  status: string;
  /** Number of results per status. */
  counts: Record<string, number>;
  /** Error text of a check that threw or hung. */
  error: string | null;
}

export interface Maintenance {
  id: string;
  /** `*` or a check name. */
  check: string;
  /** `*` or a target. */
  target: string;
  from: number;
  until: number;
  reason: string;
  actor: string;
}

/** A message waiting for its acknowledgement by the Monitor. Facts are never dropped, metrics may be thinned. */
export interface SpoolRow {
  seq: number;
  id: string;
  type: string;
  at: number;
  body: string;
}

export interface AgentStore {
  transaction<T>(work: () => T): T;
  /** Small facts about the installation: epoch, node name, switch, … JSON values. */
  meta: { get<T>(key: string): T | null; set(key: string, value: unknown): void; delete(key: string): void };
  /** Per plugin instance; backs PluginStore. */
  pluginValues: {
    get<T>(scope: string, key: string): T | null;
    set(scope: string, key: string, value: unknown): void;
    delete(scope: string, key: string): void;
    keys(scope: string): string[];
  };
  /** The sealed part of it: records of the vault, each for its `pluginSecretId`. */
  pluginSecrets: {
    get(scope: string, key: string): string | null;
    set(scope: string, key: string, record: string): void;
    delete(scope: string, key: string): void;
    keys(scope: string): string[];
  };
  /** Every place that holds a sealed secret. */
  sealed: readonly SealedPlace[];
  targets: {
    all(): TargetState[];
    put(state: TargetState): void;
    remove(check: string, instance: string, target: string): void;
  };
  problems: {
    put(problem: ProblemRecord): void;
    get(id: string): ProblemRecord | null;
    open(): ProblemRecord[];
    /** `id`: an id, or its beginning or end. */
    find(filter: { id?: string; state?: string; limit?: number; before?: string }): ProblemRecord[];
  };
  intents: IntentRepository;
  ledger: LedgerRepository;
  attempts: {
    put(attempt: AttemptRow): void;
    /** Attempts about a fingerprint since a wall time, ascending. */
    since(fingerprint: string, at: number): AttemptRow[];
    running(): AttemptRow[];
    /** Attempts about anything that began within the last `ms`, as `elapsed` counts time. */
    countWithin(now: TimeMark, ms: number): number;
    within(now: TimeMark, ms: number): AttemptRow[];
    /** Successful ones among them. */
    successesWithin(now: TimeMark, ms: number): AttemptRow[];
    /** How each repair did, as far back as attempts are kept. */
    byRepair(): { repair: string; attempts: number; successes: number; failures: number; lastAt: number }[];
  };
  approvals: {
    /** Id of the intent that it was used for; null when it was not. */
    usedFor(nonce: string): string | null;
    /** False when it was burnt before. */
    burn(nonce: string, intentId: string, expiresAt: number): boolean;
    /** Those that expired before this wall time can't be used by anybody any more. */
    forget(before: number): void;
  };
  breakers: {
    get(fingerprint: string): Breaker | null;
    put(fingerprint: string, until: number, opened: TimeMark): void;
    remove(fingerprint: string): void;
    all(): (Breaker & { fingerprint: string })[];
  };
  evidence: {
    /** Compressed, capped at 1 MiB. */
    put(bundle: Omit<EvidenceBundle, "sha256">): EvidenceBundle;
    get(id: string): EvidenceBundle | null;
    forProblem(problemId: string): { id: string; takenAt: number; sha256: string }[];
  };
  inspections: {
    add(row: InspectionRow): void;
    find(filter: { check?: string; limit?: number; before?: string }): InspectionRow[];
  };
  pausedChecks: {
    all(): { check: string; instance: string; since: number; until: number | null; actor: string }[];
    put(check: string, instance: string, since: number, until: number | null, actor: string): void;
    remove(check: string, instance: string): void;
  };
  maintenance: {
    all(): Maintenance[];
    put(window: Maintenance): void;
    remove(id: string): void;
  };
  spool: {
    /** Returns the sequence number; durable when it returns (or with the surrounding transaction). */
    push(type: string, id: string, at: number, body: string): number;
    peek(limit: number): SpoolRow[];
    acknowledge(upTo: number): void;
    size(): { rows: number; oldestAt: number | null };
  };
  /** Delete what is older than the retention says; returns rows removed per table. */
  prune(limits: {
    inspectionsBefore: number;
    problemsBefore: number;
    evidenceBefore: number;
    maxSpoolRows: number;
  }): Record<string, number>;
  close(): void;
}
