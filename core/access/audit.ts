/** Acts of people and programs, in the Monitor's own chain and in the transaction of the act itself. */
import { isCortexError, type Principal } from "cortex";

/** Closed set: what the audit list can be filtered by. */
export type AuditKind =
  | "auth.setup"
  | "auth.login"
  | "auth.login_failed"
  | "auth.locked"
  | "auth.refused"
  | "auth.logout"
  | "access.refused"
  | "auth.factor_failed"
  | "auth.reauthenticated"
  | "factor.added"
  | "factor.removed"
  | "factor.reset"
  | "session.revoked"
  | "profile.changed"
  | "user.created"
  | "user.changed"
  | "user.deleted"
  | "key.created"
  | "key.rotated"
  | "key.used"
  | "key.deleted"
  | "token.created"
  | "join_token.created"
  | "join_token.revoked"
  | "node.enrolled"
  | "node.recovered"
  | "node.approved"
  | "node.rejected"
  | "node.expired"
  | "node.revoked"
  | "node.quarantined"
  | "node.released"
  | "node.key_offered"
  | "node.rotated"
  | "switch"
  | "autonomy.set"
  | "decision.cooling"
  | "judge.swayed"
  | "autonomy.granted"
  | "autonomy.promoted"
  | "autonomy.demoted"
  | "autonomy.ended"
  | "inspection.asked"
  | "check.paused"
  | "check.resumed"
  | "maintenance.added"
  | "maintenance.removed"
  | "entry.added"
  | "proposal.asked"
  | "retry.asked"
  | "ledger.exported"
  | "config.reloaded"
  | "audit.exported"
  | "secrets.rotated"
  | "deciding_key.rotated"
  | "upstream.joined"
  | "upstream.left"
  | "backup.created"
  | "backup.failed"
  | "backup.restored"
  | "act.failed";

/** `user:anna`, `key:ci`, `local`: who did it, as the ledger and the nodes are told. */
export const actorOf = (principal: Pick<Principal, "kind" | "name">): string =>
  principal.kind === "local" ? "local" : `${principal.kind}:${principal.name}`;

export type Audit = (kind: AuditKind, actor: string, payload: Record<string, unknown>) => void;

/**
 * An act whose effect is outside this database (a node is asked, a file is read again): it is written down before, so that
 * nothing happens that is not in the chain, and `act.failed` follows when it did not come about.
 */
export async function recorded<T>(
  audit: Audit,
  [kind, actor, payload]: Parameters<Audit>,
  work: () => Promise<T>,
): Promise<T> {
  audit(kind, actor, payload);
  try {
    return await work();
  } catch (error) {
    audit("act.failed", actor, {
      ...payload,
      act: kind,
      code: isCortexError(error) ? error.code : "internal",
    });
    throw error;
  }
}

/** A store with a chain of its own. */
export interface Chain {
  ledger: { append(kind: string, actor: string, payload: unknown): unknown };
}

export const createAudit =
  (store: Chain): Audit =>
  (kind, actor, payload) =>
    void store.ledger.append(kind, actor.slice(0, 200), payload);
