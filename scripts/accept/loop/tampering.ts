/** What somebody with root and the sqlite3 program does to a ledger: one act each, as SQL, with the entry it falls on. */
import { entryHash, payloadHash } from "../../../core/domain/ledger.ts";
import type { Choice } from "./choice.ts";

/** An entry as `sqlite3 -json` prints it; blobs as hexadecimal text. */
export interface Row {
  seq: number;
  ts: number;
  actor: string;
  kind: string;
  payload: string;
  salt: string;
  payload_hash: string;
  prev: string;
  hash: string;
}

export const ROWS_SQL =
  "SELECT seq, ts, actor, kind, hex(payload) AS payload, hex(salt) AS salt, hex(payload_hash) AS payload_hash, " +
  "hex(prev) AS prev, hex(hash) AS hash FROM ledger ORDER BY seq";

export interface Tampering {
  what: string;
  sql: string;
  /** The first entry that is no longer what it was. */
  seq: number;
}

type Make = (rows: readonly Row[], choice: Choice) => Tampering;

const UNGUARD =
  "DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete; " +
  "DROP TRIGGER checkpoints_no_update; DROP TRIGGER checkpoints_no_delete;";
const FILL = "0123456789ABCDEF";

const set = (seq: number, assignments: string) => `UPDATE ledger SET ${assignments} WHERE seq = ${seq};`;
const blob = (hex: string) => `X'${hex}'`;
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex").toUpperCase();

/** One hexadecimal digit of it becomes another. */
function flipped(text: string, choice: Choice): string {
  const at = choice.below(text.length);
  const other = FILL[(FILL.indexOf(text[at]!) + choice.between(1, 15)) % 16]!;
  return text.slice(0, at) + other + text.slice(at + 1);
}

const editOf =
  (column: keyof Row, change: (row: Row, choice: Choice) => string): Make =>
  (rows, choice) => {
    const row = choice.pick(rows);
    const { seq } = row;
    return { what: `${column} of ${seq}`, sql: set(seq, `${column} = ${change(row, choice)}`), seq };
  };

const flipOf = (column: "payload" | "salt" | "payload_hash" | "prev" | "hash"): Make =>
  editOf(column, (row, choice) => blob(flipped(row[column], choice)));

/** Who knows the format re-hashes what was changed, so that the entry fits in itself. */
function forged(row: Row, choice: Choice): Row {
  const payload = flipped(row.payload, choice);
  const payload_hash = hex(payloadHash(bytes(row.salt), bytes(payload)));
  return { ...row, payload, payload_hash };
}

const hashOf = (row: Row) =>
  hex(entryHash({ ...row, payloadHash: bytes(row.payload_hash), prev: bytes(row.prev) }));

const writeBack = (row: Row) =>
  set(
    row.seq,
    `payload = ${blob(row.payload)}, payload_hash = ${blob(row.payload_hash)}, prev = ${blob(row.prev)}, hash = ${blob(row.hash)}`,
  );

const cutSql = (last: number) =>
  `DELETE FROM ledger WHERE seq > ${last}; DELETE FROM ledger_checkpoints WHERE size > ${last}; ` +
  `UPDATE sqlite_sequence SET seq = ${last} WHERE name = 'ledger';`;

/** Edits, deletions and swaps; each is to be named at its entry or at the one right after it. */
export const ACTS: readonly Make[] = [
  editOf("ts", (row, choice) => String(row.ts + choice.between(1, 1000))),
  editOf("actor", () => "'somebody'"),
  editOf("kind", () => "'note.' || kind"),
  editOf("payload", () => "NULL"),
  flipOf("payload"),
  flipOf("salt"),
  flipOf("payload_hash"),
  flipOf("prev"),
  flipOf("hash"),
  (rows, choice) => {
    const row = forged(choice.pick(rows), choice);
    return { what: `payload of ${row.seq} with its hash`, sql: writeBack(row), seq: row.seq };
  },
  (rows, choice) => {
    const changed = forged(choice.pick(rows), choice);
    const row = { ...changed, hash: hashOf(changed) };
    return { what: `payload of ${row.seq} with both hashes`, sql: writeBack(row), seq: row.seq };
  },
  (rows, choice) => {
    const { seq } = choice.pick(rows);
    return { what: `entry ${seq} deleted`, sql: `DELETE FROM ledger WHERE seq = ${seq};`, seq };
  },
  (rows, choice) => {
    const { seq } = choice.pick(rows.slice(0, -1));
    const sql = `DELETE FROM ledger WHERE seq = ${seq}; UPDATE ledger SET seq = seq - 1 WHERE seq > ${seq};`;
    return { what: `entry ${seq} deleted and the rest renumbered`, sql, seq };
  },
  (rows, choice) => {
    const first = choice.between(1, rows.length - 1);
    const second = choice.between(first + 1, rows.length);
    const sql = [`${first} → -1`, `${second} → ${first}`, `-1 → ${second}`]
      .map((move) => move.split(" → "))
      .map(([from, to]) => `UPDATE ledger SET seq = ${to} WHERE seq = ${from};`)
      .join(" ");
    return { what: `entries ${first} and ${second} swapped`, sql, seq: first };
  },
  (rows, choice) => {
    const b = rows.at(-1)!;
    const a = choice.pick(rows.filter((row) => row.payload !== b.payload));
    const sql = `${set(a.seq, `payload = ${blob(b.payload)}`)} ${set(b.seq, `payload = ${blob(a.payload)}`)}`;
    return { what: `payloads of ${a.seq} and ${b.seq} swapped`, sql, seq: a.seq };
  },
  // The end is cut with every trace of it in the database; the signed checkpoints outside remember it.
  (rows, choice) => {
    const last = rows.length - choice.between(1, Math.min(5, rows.length - 1));
    return { what: `everything after ${last} cut`, sql: cutSql(last), seq: last + 1 };
  },
];

/** History from one entry on written anew, every hash right: only a signed checkpoint can tell. */
export function rewrite(rows: readonly Row[], choice: Choice): Tampering {
  const from = choice.between(1, rows.length);
  let prev = rows[from - 2]?.hash ?? "00".repeat(32);
  const written = rows.slice(from - 1).map((row, index) => {
    const changed = { ...(index === 0 ? forged(row, choice) : row), prev };
    const entry = { ...changed, hash: hashOf(changed) };
    prev = entry.hash;
    return entry;
  });
  return { what: `history from ${from} on rewritten`, sql: written.map(writeBack).join(" "), seq: from };
}

export const asSql = (tampering: Tampering) => `BEGIN; ${UNGUARD} ${tampering.sql} COMMIT;`;
