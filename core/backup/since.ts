/**
 * What happened between a backup and its restore, as the ledger that was replaced tells: what a person has to do again.
 */
import type { Carried } from "../store/backup/carry.ts";

/** An act of which the ledger that was replaced tells. */
export interface Since {
  /** Epoch ms. */
  at: number;
  kind: string;
  /** Names and ids: `key ci (k1)`. */
  what: string;
}

/** Acts that take something away, or change it: a restore gives it back as it was. */
const UNDONE = new Set([
  "user.deleted",
  "user.changed",
  "key.deleted",
  "key.rotated",
  "node.revoked",
  "node.rejected",
  "node.quarantined",
  "join_token.revoked",
  "factor.removed",
  "factor.reset",
  "policy.demoted",
  "maintenance.removed",
  "check.resumed",
]);
/** Acts that make something: a restore knows nothing of it. */
const LOST = new Set([
  "user.created",
  "key.created",
  "node.enrolled",
  "node.approved",
  "node.released",
  "join_token.created",
  "factor.added",
  "policy.saved",
  "maintenance.added",
  "check.paused",
]);

export const undoneSince = (carried: Carried): Since[] => told(carried, UNDONE);
export const lostSince = (carried: Carried): Since[] => told(carried, LOST);

const told = ({ entries }: Carried, kinds: ReadonlySet<string>): Since[] =>
  entries
    .filter(({ kind }) => kinds.has(kind))
    .map(({ ts, kind, payload }) => ({ at: ts, kind, what: ledgerText(payload) }));

/** The names and ids in an entry: `key ci (k1)`. */
function ledgerText(payload: Uint8Array | null): string {
  const { name, user, key, node, nodeId, id, token, check, rule, note, version } = JSON.parse(
    payload === null ? "{}" : new TextDecoder().decode(payload),
  ) as Record<string, unknown>;
  const numbered = typeof version === "number" ? `version ${version}` : undefined;
  return [name ?? note, user ?? key ?? token ?? check ?? rule ?? numbered ?? node ?? nodeId ?? id]
    .filter((part) => typeof part === "string")
    .join(" ");
}
