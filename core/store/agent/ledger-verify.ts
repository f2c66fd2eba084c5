/**
 * Proof of the whole chain: every entry is hashed again, every checkpoint compared. Never a sample, never a cache. It comes
 * in slices, between which the process does its other work; what is appended meanwhile is proven too.
 */
import { breakOf, type LedgerEntry } from "../../domain/ledger.ts";
import type { LedgerCheckpoint, LedgerFault } from "./agent-store.ts";
import { checkpointText, type CheckpointLog } from "./checkpoint-log.ts";

export interface LedgerEvidence {
  origin: string;
  /** Entries with seq > after, ascending. */
  read(after: number, limit: number): LedgerEntry[];
  count(): number;
  /** Highest number ever given out; more than there are entries means that the end was cut. */
  highestSeq(): number;
  checkpoints(): LedgerCheckpoint[];
  log: CheckpointLog;
  verify(message: string, signature: string): boolean;
}

/** Entries, or signatures, of one slice: about ten milliseconds of a slow processor. */
export const VERIFY_SLICE = 200;

/** The fault with the lowest number, or null when everything holds. */
export async function verifyLedger(
  ledger: LedgerEvidence,
): Promise<{ entries: number; fault: LedgerFault | null }> {
  const { checkpoints: logged, unreadable } = ledger.log.read();
  const checkpoints = distinct([...ledger.checkpoints(), ...logged]);
  const faults: Omit<LedgerFault, "origin">[] = [];
  if (unreadable !== null)
    faults.push({
      seq: unreadable.afterSize + 1,
      reason: `line ${unreadable.line} of checkpoints.log can't be read`,
    });
  const trusted: LedgerCheckpoint[] = [];
  for (const [index, checkpoint] of checkpoints.entries()) {
    if (index % VERIFY_SLICE === VERIFY_SLICE - 1) await turnOfOthers();
    const reason = distrust(checkpoint, ledger);
    if (reason === null) trusted.push(checkpoint);
    else faults.push({ seq: Math.max(1, checkpoint.size), reason });
  }
  const walked = await walk(ledger, trusted);
  if (walked.fault !== null) faults.push(walked.fault);
  else faults.push(...cutTail(walked.last, ledger.highestSeq(), trusted));
  const first = faults.reduce<Omit<LedgerFault, "origin"> | null>(
    (least, fault) => (least === null || fault.seq < least.seq ? fault : least),
    null,
  );
  return { entries: ledger.count(), fault: first === null ? null : { origin: ledger.origin, ...first } };
}

function distinct(checkpoints: readonly LedgerCheckpoint[]): LedgerCheckpoint[] {
  return [...new Map(checkpoints.map((one) => [checkpointText(one) + one.signature, one])).values()];
}

function distrust(checkpoint: LedgerCheckpoint, ledger: LedgerEvidence): string | null {
  if (checkpoint.origin !== ledger.origin)
    return `its checkpoint is from another origin, ${checkpoint.origin}`;
  if (!ledger.verify(checkpointText(checkpoint), checkpoint.signature))
    return "the signature of its checkpoint is wrong";
  return null;
}

async function walk(
  ledger: LedgerEvidence,
  checkpoints: readonly LedgerCheckpoint[],
): Promise<{ last: number; fault: Omit<LedgerFault, "origin"> | null }> {
  const heads = Map.groupBy(checkpoints, (checkpoint) => checkpoint.size);
  const unexplained = new Set<number>();
  let previous: LedgerEntry | null = null;
  // From below any number, so that a forged entry 0 or -1 is read too.
  let page = ledger.read(Number.MIN_SAFE_INTEGER, VERIFY_SLICE);
  while (page.length > 0) {
    for (const entry of page) {
      const expected: number = (previous?.seq ?? 0) + 1;
      const reason = breakOf(entry, previous) ?? wrongHead(entry, heads.get(entry.seq));
      if (reason !== null) return { last: expected - 1, fault: { seq: expected, reason } };
      trackErasure(entry, unexplained);
      previous = entry;
    }
    await turnOfOthers();
    page = ledger.read(previous?.seq ?? 0, VERIFY_SLICE);
  }
  const last = previous?.seq ?? 0;
  const erased = Math.min(...unexplained);
  if (unexplained.size === 0) return { last, fault: null };
  return { last, fault: { seq: erased, reason: "payload is missing and no ledger.erased entry says why" } };
}

const turnOfOthers = () => new Promise<void>((resolve) => setImmediate(resolve));

function wrongHead(entry: LedgerEntry, checkpoints: readonly LedgerCheckpoint[] | undefined): string | null {
  const head = Buffer.from(entry.hash).toString("hex");
  const other = checkpoints?.find((checkpoint) => checkpoint.head !== head);
  if (other === undefined) return null;
  return `differs from the checkpoint signed at ${new Date(other.at).toISOString()}: history was rewritten`;
}

/** A payload may be gone only if a later entry of kind `ledger.erased` with `{ seq }` records it. */
function trackErasure(entry: LedgerEntry, unexplained: Set<number>): void {
  if (entry.payload === null) unexplained.add(entry.seq);
  else if (entry.kind === "ledger.erased") unexplained.delete(erasedSeq(entry.payload));
}

function erasedSeq(payload: Uint8Array): number {
  try {
    const { seq } = JSON.parse(new TextDecoder().decode(payload)) as { seq?: unknown };
    return Number(seq);
  } catch {
    return Number.NaN;
  }
}

function cutTail(
  last: number,
  highest: number,
  checkpoints: readonly LedgerCheckpoint[],
): Omit<LedgerFault, "origin">[] {
  const signed = checkpoints.reduce((most, checkpoint) => Math.max(most, checkpoint.size), 0);
  if (signed > last)
    return [
      {
        seq: last + 1,
        reason: `entries ${last + 1} to ${signed}, covered by a signed checkpoint, are missing`,
      },
    ];
  if (highest > last)
    return [{ seq: last + 1, reason: `entries ${last + 1} to ${highest} existed and are missing` }];
  return [];
}
