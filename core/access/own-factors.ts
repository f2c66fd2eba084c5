/** Second factors that come and go, and what that means for the sessions of their owner. */
import type { Principal } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Accounts } from "./accounts.ts";
import type { FactorItem, Factors } from "./factors.ts";
import type { Sessions } from "./sessions.ts";

export interface OwnFactorsDeps {
  store: MonitorStore;
  accounts: Pick<Accounts, "assertMayChange">;
  factors: Factors;
  sessions: Pick<Sessions, "renew">;
  revoked: () => void;
}

export type OwnFactors = ReturnType<typeof createOwnFactors>;

export function createOwnFactors({ store, accounts, factors, sessions, revoked }: OwnFactorsDeps) {
  const repository = store.access;

  /** Whoever has another session of this user open must show what is needed now. */
  function endOthers(principal: Principal): void {
    repository.sessions.removeOfUser(principal.id, principal.sessionId);
  }

  return {
    /** The session that did it goes on, as strong as it now is; others of the user end. */
    async finishEnrol(...args: Parameters<Factors["finishEnrol"]>): Promise<FactorItem> {
      const [principal] = args;
      const item = await factors.finishEnrol(...args);
      store.transaction(() => {
        if (item.kind === "second" && principal.sessionId !== undefined)
          sessions.renew(principal.sessionId, { strong: true });
        endOthers(principal);
      });
      revoked();
      return item;
    },
    removeFactor(principal: Principal, id: string): void {
      store.transaction(() => {
        factors.remove(principal, id);
        endOthers(principal);
      });
      revoked();
    },
    /** All factors of a user, who is logged out everywhere. Gives their number. */
    resetFactors(userId: string, by: Principal): number {
      const removed = store.transaction(() => {
        accounts.assertMayChange(userId, by);
        repository.sessions.removeOfUser(userId);
        return factors.reset(userId, by);
      });
      revoked();
      return removed;
    },
  };
}
