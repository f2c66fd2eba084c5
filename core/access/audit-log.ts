/** Reading the audit: pages for people, and whole exports whose entries can be hashed again elsewhere. */
import type { AuditFilter, AuditRow } from "../store/monitor/audit.repository.ts";
import type { MonitorStore } from "../store/monitor/store.ts";

export interface AuditItem {
  id: string;
  seq: number;
  at: string;
  actor: string;
  kind: string;
  /** null once erased by policy. */
  payload: unknown;
  hash: string;
}

/** An entry with all that is hashed: see core/domain/ledger.ts. Bytes are hex. */
export interface ExportedEntry extends AuditItem {
  /** Epoch ms, as it is hashed. */
  ts: number;
  /** The bytes that were hashed, as text. */
  payloadText: string | null;
  salt: string;
  payloadHash: string;
  prev: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const textOf = (payload: Uint8Array | null) => (payload === null ? null : new TextDecoder().decode(payload));

function itemOf(row: AuditRow): AuditItem {
  const text = textOf(row.payload);
  return {
    id: String(row.seq),
    seq: row.seq,
    at: new Date(row.ts).toISOString(),
    actor: row.actor,
    kind: row.kind,
    payload: text === null ? null : (JSON.parse(text) as unknown),
    hash: hex(row.hash),
  };
}

/** Newest first; `before` is the number of the entry after which the page starts. */
export function readAudit(
  store: MonitorStore,
  filter: AuditFilter,
  limit: number,
  before?: number,
): { items: AuditItem[]; next: string | null } {
  const rows = store.audit.newest({ ...filter, limit, ...(before !== undefined && { before }) });
  const items = rows.slice(0, limit).map(itemOf);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
}

const EXPORT_PAGE = 500;

/** Oldest first, in pages, up to the newest entry of this moment. */
export function* exportAudit(store: MonitorStore, filter: AuditFilter): Generator<ExportedEntry[]> {
  const end = store.ledger.head()?.size ?? 0;
  for (let after = 0; ;) {
    const rows = store.audit.oldest({ ...filter, limit: EXPORT_PAGE, after });
    const page = rows.filter((row) => row.seq <= end);
    if (page.length > 0) yield page.map(exported);
    if (page.length < EXPORT_PAGE) return;
    after = page.at(-1)!.seq;
  }
}

const exported = (row: AuditRow): ExportedEntry => ({
  ...itemOf(row),
  ts: row.ts,
  payloadText: textOf(row.payload),
  salt: hex(row.salt),
  payloadHash: hex(row.payloadHash),
  prev: hex(row.prev),
});
