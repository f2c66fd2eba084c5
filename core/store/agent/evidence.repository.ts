/** Evidence bundles: what was frozen before a repair, compressed and with the hash of the stored bytes. */
import { createHash } from "node:crypto";
import { storeErrors } from "../errors.ts";
import type { Connection } from "../connection.ts";
import type { AgentStore, EvidenceBundle } from "./agent-store.ts";

/** Cap for the text of one bundle before compression. */
export const MAX_EVIDENCE_BYTES = 2 ** 20;

interface EvidenceRow {
  id: string;
  problemId: string;
  intentId: string | null;
  takenAt: number;
  sha256: string;
  parts: Uint8Array;
}

export function createEvidence(connection: Connection): AgentStore["evidence"] {
  return {
    put: (bundle) => {
      const parts = capParts(bundle.parts, MAX_EVIDENCE_BYTES);
      const bytes = Bun.zstdCompressSync(JSON.stringify(parts));
      const sha256 = hashOf(bytes);
      connection.run(
        "INSERT INTO evidence (id, problem_id, intent_id, taken_at, sha256, parts) VALUES (?, ?, ?, ?, ?, ?)",
        bundle.id,
        bundle.problemId,
        bundle.intentId,
        bundle.takenAt,
        sha256,
        bytes,
      );
      return { ...bundle, parts, sha256 };
    },
    get: (id) => {
      const row = connection.get<EvidenceRow>(
        `SELECT id, problem_id AS problemId, intent_id AS intentId, taken_at AS takenAt, sha256, parts
         FROM evidence WHERE id = ?`,
        id,
      );
      return row === null ? null : unpack(row, connection.path);
    },
    forProblem: (problemId) =>
      connection.all(
        "SELECT id, taken_at AS takenAt, sha256 FROM evidence WHERE problem_id = ? ORDER BY taken_at, id",
        problemId,
      ),
  };
}

/** quick_check does not see a changed byte inside a value; the hash does. */
function unpack(row: EvidenceRow, path: string): EvidenceBundle {
  if (hashOf(row.parts) !== row.sha256)
    throw storeErrors.corrupt(
      `${path}: evidence ${row.id} was changed after it was taken; it proves nothing any more`,
    );
  const text = new TextDecoder().decode(Bun.zstdDecompressSync(row.parts));
  return { ...row, parts: JSON.parse(text) as Record<string, string> };
}

/** Shorten the largest parts to one common length so that all together fit; small parts stay whole. */
export function capParts(parts: Record<string, string>, maxBytes: number): Record<string, string> {
  const encoder = new TextEncoder();
  const sized = Object.entries(parts).map(([name, text]) => ({ name, bytes: encoder.encode(text) }));
  const total = sized.reduce((sum, part) => sum + part.bytes.length, 0);
  if (total <= maxBytes) return parts;
  let left = maxBytes;
  const capped = new Map<string, string>();
  const ascending = sized.toSorted((a, b) => a.bytes.length - b.bytes.length);
  for (const [index, part] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    const text = part.bytes.length <= share ? (parts[part.name] ?? "") : shorten(part.bytes, share);
    capped.set(part.name, text);
    left -= encoder.encode(text).length;
  }
  return Object.fromEntries(sized.map((part) => [part.name, capped.get(part.name) ?? ""]));
}

/** Keeps the end as well as the beginning: in logs the newest lines are last. */
function shorten(bytes: Uint8Array, maxBytes: number): string {
  const marker = `\n[… shortened from ${bytes.length} bytes …]\n`;
  const room = Math.max(0, maxBytes - new TextEncoder().encode(marker).length - 8);
  const head = bytes.subarray(0, wholeCharacters(bytes, Math.floor(room / 2)));
  const tail = bytes.subarray(wholeCharacters(bytes, bytes.length - Math.ceil(room / 2)));
  return room === 0 ? "" : new TextDecoder().decode(head) + marker + new TextDecoder().decode(tail);
}

/** The largest index ≤ `at` that does not cut a UTF-8 character. */
function wholeCharacters(bytes: Uint8Array, at: number): number {
  let index = at;
  while (index > 0 && index < bytes.length && ((bytes[index] ?? 0) & 0xc0) === 0x80) index -= 1;
  return index;
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
