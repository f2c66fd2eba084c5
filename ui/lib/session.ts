/** Who is logged in, as a state machine that the router's guard follows. */
import { createSignal } from "solid-js";
import { ApiError, type Api } from "./api.ts";
import type { Session, User } from "./types.ts";

export type SessionState =
  | { kind: "checking" }
  | { kind: "in"; user: User }
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
    setState({ kind: "in", user: session.user });
  }

  return {
    state,
    user: (): User | null => {
      const current = state();
      return current.kind === "in" ? current.user : null;
    },
    check,
    login: async (name: string, password: string) => enter(await api.login(name, password)),
    setup: async (token: string, name: string, password: string) =>
      enter(await api.setup(token, name, password)),
    async logout() {
      // Logged out here in any case: a session that the server no longer knows is over too.
      await api.logout().catch(() => undefined);
      setState({ kind: "out" });
    },
    /** A call was refused with 401. */
    ended: () => setState((current) => (current.kind === "in" ? { kind: "out" } : current)),
  };
}
export type SessionStore = ReturnType<typeof createSession>;
