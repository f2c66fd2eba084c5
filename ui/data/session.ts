/** Who is logged in, as a state machine that the router's guard follows. */
import { createSignal } from "solid-js";
import { ApiError, type Api } from "./api.ts";
import type { NextStep, Session, User } from "./types.ts";

export type SessionState =
  | { kind: "checking" }
  /** `mustEnrol`: first of all a second factor has to be added. */
  | { kind: "in"; user: User; mustEnrol: boolean }
  | { kind: "out" }
  /** Neither yes nor no: the Monitor does not answer. */
  | { kind: "unreachable"; error: ApiError };

export function createSession(api: Api) {
  const [state, setState] = createSignal<SessionState>({ kind: "checking" });

  async function check(): Promise<void> {
    try {
      enter(await api.session());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState(error.status === 401 ? { kind: "out" } : { kind: "unreachable", error });
    }
  }

  function enter(session: Session): void {
    setState({ kind: "in", user: session.user, mustEnrol: session.mustEnrol });
  }

  return {
    state,
    user: (): User | null => {
      const current = state();
      return current.kind === "in" ? current.user : null;
    },
    check,
    /** A session that was opened somewhere else on the page. */
    enter,
    /** null, or the second factor that is asked for. */
    async login(name: string, password: string): Promise<NextStep["next"] | null> {
      const answer = await api.login(name, password);
      if ("next" in answer) return answer.next;
      enter(answer);
      return null;
    },
    setup: async (token: string, name: string, password: string) =>
      enter(await api.setup(token, name, password)),
    async logout() {
      // Logged out here in any case: a session that the server no longer knows is over too.
      const gone = await api.logout().catch(() => null);
      if (gone?.endUrl) return location.assign(gone.endUrl);
      setState({ kind: "out" });
    },
    /** A call was refused with 401. */
    ended: () => setState((current) => (current.kind === "in" ? { kind: "out" } : current)),
  };
}
export type SessionStore = ReturnType<typeof createSession>;
