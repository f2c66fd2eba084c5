/** Join tokens: 256 random bits, kept as a digest, good for a short time and a number of joins. */
import { type Clock, defineErrors, type Principal } from "cortex";
import { actorOf, type Audit } from "../access/audit.ts";
import { randomToken, sha256 } from "../access/secrets.ts";
import type { JoinTokenRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";

export const MAX_TTL_MS = 24 * 3_600_000;
export const MAX_USES = 1000;
/** Spent and expired tokens are shown this long, for "which token was that?". */
const KEPT_MS = 7 * 24 * 3_600_000;

export const tokenErrors = defineErrors("token", {
  unknown: "not_found",
  invalid: "invalid",
  node_unknown: "not_found",
});

export interface NewToken {
  ttlMs: number;
  uses: number;
  /** Name of the node that joins with it, above what it calls itself. */
  name: string | null;
  labels: Record<string, string>;
  group: string | null;
  /** Let in without anybody looking. */
  autoApprove: boolean;
  /** Recovery: only for this node, which lost its key. */
  nodeId: string | null;
}

export interface Tokens {
  create(wanted: NewToken, by: Principal): { token: JoinTokenRow; secret: string };
  all(): JoinTokenRow[];
  revoke(id: string, by: Principal): void;
  /** Forget what ended long ago. */
  tidy(): void;
}

export interface TokensDeps {
  clock: Clock;
  store: MonitorStore;
  audit: Audit;
  newId: () => string;
}

/** Errors: `token.invalid`, `token.node_unknown`, `token.unknown`. */
export function createTokens({ clock, store, audit, newId }: TokensDeps): Tokens {
  const { tokens, nodes } = store.enrolment;

  function assertSensible(wanted: NewToken): void {
    if (wanted.ttlMs < 60_000 || wanted.ttlMs > MAX_TTL_MS)
      throw tokenErrors.invalid(
        "a token lives between one minute and 24 hours; make a new one when it is needed",
      );
    if ((wanted.name !== null || wanted.nodeId !== null) && wanted.uses !== 1)
      throw tokenErrors.invalid("a token with a name or for one node is good for one use");
    if (wanted.nodeId === null) return;
    const row = nodes.get(wanted.nodeId);
    if (row === null || row.state === "pending")
      throw tokenErrors.node_unknown("no node that was let in has this id; see the list of nodes");
    if (row.state === "revoked")
      throw tokenErrors.invalid(
        "this node was revoked, which is for ever; let the machine join as a new node",
      );
  }

  return {
    create(wanted, by) {
      assertSensible(wanted);
      const secret = randomToken();
      const now = clock.now();
      const { ttlMs, ...rest } = wanted;
      const token: JoinTokenRow = {
        ...rest,
        id: newId(),
        secretHash: sha256(secret),
        used: 0,
        createdBy: actorOf(by),
        createdAt: now,
        expiresAt: now + ttlMs,
      };
      store.transaction(() => {
        tokens.add(token);
        const { id, uses, autoApprove, nodeId } = token;
        audit("join_token.created", actorOf(by), { token: id, uses, autoApprove, node: nodeId });
      });
      return { token, secret };
    },
    all: () => tokens.all(),
    revoke(id, by) {
      store.transaction(() => {
        if (tokens.get(id) === null)
          throw tokenErrors.unknown("no token has this id; see the list of tokens");
        tokens.remove(id);
        audit("join_token.revoked", actorOf(by), { token: id });
      });
    },
    tidy: () => tokens.removeExpiredBefore(clock.now() - KEPT_MS),
  };
}
