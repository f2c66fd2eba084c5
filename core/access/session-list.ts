/** Open sessions: whose they are, and how they are ended. Somebody else's are for who manages people. */
import { defineErrors, type Principal } from "cortex";
import { canOnTree } from "../domain/access.ts";
import type { SessionRow } from "../store/monitor/access.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { actorOf, type Audit } from "./audit.ts";

const errors = defineErrors("auth", { session_unknown: "not_found" });

export interface SessionListDeps {
  store: MonitorStore;
  audit: Audit;
  isOpen: (sessionId: string) => boolean;
  /** A door was closed. */
  revoked: () => void;
}

export type SessionList = ReturnType<typeof createSessionList>;

export function createSessionList({ store, audit, isOpen, revoked }: SessionListDeps) {
  const { sessions } = store.access;
  const managesPeople = (principal: Principal) => canOnTree(principal, "people.manage");
  const isOwn = (row: SessionRow, { kind, id }: Principal) => kind === "user" && row.userId === id;

  return {
    /** One's own, or with `everybody` all that one may see. Oldest first. */
    of(principal: Principal, everybody: boolean): SessionRow[] {
      const all = everybody && managesPeople(principal);
      return sessions.all().filter((row) => (all || isOwn(row, principal)) && isOpen(row.id));
    },
    /** Errors: `auth.session_unknown`, also for one that is not to be seen. */
    end(id: string, by: Principal): void {
      const row = sessions.byId(id);
      if (row === null || !(isOwn(row, by) || managesPeople(by)))
        throw errors.session_unknown("no session has this id; see the list of sessions");
      store.transaction(() => {
        sessions.remove(id);
        audit("session.revoked", actorOf(by), { session: id, user: row.userId });
      });
      revoked();
    },
    /** All sessions of a user, or of everybody, but the one that asks. Gives their number. */
    endAll(by: Principal, userId: string | null): number {
      const ended = store.transaction(() => {
        const ids =
          userId === null ? sessions.removeAll(by.sessionId) : sessions.removeOfUser(userId, by.sessionId);
        audit("session.revoked", actorOf(by), { user: userId ?? "*", sessions: ids.length });
        return ids.length;
      });
      revoked();
      return ended;
    },
  };
}
