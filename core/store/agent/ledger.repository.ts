/** The hash chain of this node. See core/domain/ledger.ts for the format. */
import { randomBytes } from "node:crypto";
import { canonicalJson, entryHash, GENESIS, type LedgerEntry, payloadHash } from "../../domain/ledger.ts";
import { redactDeep } from "../../domain/redact.ts";
import type { Connection } from "../connection.ts";
import type { LedgerCheckpoint, LedgerRepository } from "./agent-store.ts";
import { checkpointText, type CheckpointLog } from "./checkpoint-log.ts";
import { type LedgerEvidence, verifyLedger } from "./ledger-verify.ts";

export interface LedgerOptions {
  origin: string;
  /** Base64 Ed25519 signature of the node's key. */
  sign(message: string): string;
  verify(message: string, signature: string): boolean;
  now(): number;
  log: CheckpointLog;
  /** What the chain keeps it keeps for ever: secrets never get in. */
  redact?: (text: string) => string;
}

const COLUMNS = "seq, ts, actor, kind, payload, salt, payload_hash AS payloadHash, prev, hash";

export function createLedger(connection: Connection, options: LedgerOptions): LedgerRepository {
  const { origin, log, redact = (text: string) => text } = options;
  const newest = () =>
    connection.get<{ seq: number; hash: Uint8Array }>(
      "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
    );
  const evidence = ledgerEvidence(connection, options);
  const { checkpoints, read } = evidence;

  completeLog(log, checkpoints());

  return {
    read,
    checkpoints,
    append: (kind, actor, payload) =>
      connection.transaction(() => {
        const entry = chained(newest(), {
          kind,
          actor: redact(actor),
          ts: Math.trunc(options.now()),
          payload: redactDeep(payload, redact),
        });
        insertEntry(connection, entry);
        return entry;
      }),
    head: () => {
      const row = newest();
      return row === null ? null : { size: row.seq, hash: row.hash };
    },
    checkpoint: () =>
      connection.transaction(() => {
        const row = newest();
        const covered = connection.get<{ size: number | null }>(
          "SELECT max(size) AS size FROM ledger_checkpoints",
        );
        if (row === null || row.seq <= (covered?.size ?? 0)) return null;
        const unsigned = {
          origin,
          size: row.seq,
          head: Buffer.from(row.hash).toString("hex"),
          at: Math.trunc(options.now()),
        };
        const checkpoint = { ...unsigned, signature: options.sign(checkpointText(unsigned)) };
        insertCheckpoint(connection, checkpoint);
        // Only what is durable in the database may be in the log, else a roll-back would look like a cut.
        connection.afterCommit(() => log.append([checkpoint]));
        return checkpoint;
      }),
    verify: () => verifyLedger(evidence),
  };
}

/** What a chain is proven from; also of a database that is only read. */
export function ledgerEvidence(
  connection: Pick<Connection, "get" | "all">,
  { origin, log, verify }: Pick<LedgerOptions, "origin" | "log" | "verify">,
): LedgerEvidence {
  return {
    origin,
    log,
    verify,
    read: (after, limit) =>
      connection.all<LedgerEntry>(
        `SELECT ${COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`,
        after,
        limit,
      ),
    checkpoints: () =>
      connection.all<LedgerCheckpoint>(
        "SELECT origin, size, head, at, signature FROM ledger_checkpoints ORDER BY size",
      ),
    count: () => connection.get<{ count: number }>("SELECT count(*) AS count FROM ledger")?.count ?? 0,
    highestSeq: () =>
      connection.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'ledger'")?.seq ?? 0,
  };
}

/** A crash between the commit and the append leaves the log one short; it is completed at the next start. */
function completeLog(log: CheckpointLog, stored: readonly LedgerCheckpoint[]): void {
  const logged = log.read().checkpoints.reduce((most, checkpoint) => Math.max(most, checkpoint.size), 0);
  log.append(stored.filter((checkpoint) => checkpoint.size > logged));
}

function chained(
  previous: { seq: number; hash: Uint8Array } | null,
  entry: { kind: string; actor: string; ts: number; payload: unknown },
): LedgerEntry {
  const payload = new TextEncoder().encode(canonicalJson(entry.payload));
  const salt = new Uint8Array(randomBytes(16));
  const link = {
    seq: (previous?.seq ?? 0) + 1,
    ts: entry.ts,
    actor: entry.actor,
    kind: entry.kind,
    payloadHash: payloadHash(salt, payload),
    prev: previous?.hash ?? GENESIS,
  };
  return { ...link, payload, salt, hash: entryHash(link) };
}

export function insertEntry(connection: Connection, entry: LedgerEntry): void {
  connection.run(
    `INSERT INTO ledger (seq, ts, actor, kind, payload, salt, payload_hash, prev, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.seq,
    entry.ts,
    entry.actor,
    entry.kind,
    entry.payload,
    entry.salt,
    entry.payloadHash,
    entry.prev,
    entry.hash,
  );
}

export function insertCheckpoint(connection: Connection, checkpoint: LedgerCheckpoint): void {
  connection.run(
    "INSERT INTO ledger_checkpoints (size, origin, head, at, signature) VALUES (?, ?, ?, ?, ?)",
    checkpoint.size,
    checkpoint.origin,
    checkpoint.head,
    checkpoint.at,
    checkpoint.signature,
  );
}
