/** Acts of people and programs, in the Monitor's own chain and in the transaction of the act itself. */
import type { Principal } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";

/** Closed set: what the audit list can be filtered by. */
export type AuditKind =
  | "auth.setup"
  | "auth.login"
  | "auth.login_failed"
  | "auth.logout"
  | "session.revoked"
  | "user.created"
  | "user.changed"
  | "user.deleted"
  | "key.created"
  | "key.deleted"
  | "switch"
  | "autonomy.set"
  | "inspection.asked"
  | "check.paused"
  | "check.resumed"
  | "maintenance.added"
  | "maintenance.removed"
  | "entry.added"
  | "ledger.exported"
  | "config.reloaded";

/** `user:anna`, `key:ci`, `local`: who did it, as the ledger and the nodes are told. */
export const actorOf = (principal: Pick<Principal, "kind" | "name">): string =>
  principal.kind === "local" ? "local" : `${principal.kind}:${principal.name}`;

export type Audit = (kind: AuditKind, actor: string, payload: Record<string, unknown>) => void;

export const createAudit =
  (store: MonitorStore): Audit =>
  (kind, actor, payload) =>
    void store.ledger.append(kind, actor.slice(0, 200), payload);

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

/** Newest first; `before` is the number of the entry after which the page starts. */
export function readAudit(
  store: MonitorStore,
  limit: number,
  before?: number,
): { items: AuditItem[]; next: string | null } {
  const top = Math.min(before ?? Number.MAX_SAFE_INTEGER, (store.ledger.head()?.size ?? 0) + 1);
  const from = Math.max(0, top - 1 - limit);
  const items = store.ledger
    .read(from, top - 1 - from)
    .map((entry) => ({
      id: String(entry.seq),
      seq: entry.seq,
      at: new Date(entry.ts).toISOString(),
      actor: entry.actor,
      kind: entry.kind,
      payload:
        entry.payload === null ? null : (JSON.parse(new TextDecoder().decode(entry.payload)) as unknown),
      hash: Buffer.from(entry.hash).toString("hex"),
    }))
    .reverse();
  return { items, next: from > 0 ? String(from + 1) : null };
}
