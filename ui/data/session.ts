/** Who is logged in, as a state machine that the router's guard follows. All pages of a browser share one session. */
import { createSignal } from "solid-js";
import { ApiError, type Api } from "./api.ts";
import { serverNow } from "../lib/clock.ts";
import { whyEnded, type SessionEnd, type Why } from "../lib/session-end.model.ts";
import type { NextStep, Session, User } from "./types.ts";

export type SessionState =
  | { kind: "checking" }
  /** `mustEnrol`: first of all a second factor has to be added. */
  | { kind: "in"; user: User; mustEnrol: boolean }
  /** `why`: of a session that this page saw end by itself; null for who was never in, or left. */
  | { kind: "out"; why: Why | null }
  /** Neither yes nor no: the Monitor does not answer. */
  | { kind: "unreachable"; error: ApiError };

export interface SessionOptions {
  /** Tell the other pages of this browser that the session changed, so that they ask. */
  tellOthers?: () => void;
}

export function createSession(
  api: Pick<Api, "session" | "login" | "setup" | "logout">,
  options: SessionOptions = {},
) {
  const [state, setState] = createSignal<SessionState>({ kind: "checking" });
  const [end, setEnd] = createSignal<SessionEnd | null>(null);
  /** When the server was asked last, epoch ms by its clock; the question under way. */
  let askedAt = 0;
  let asking: Promise<void> | null = null;

  function learn({ user, mustEnrol, ends }: Session): void {
    setEnd(
      ends && {
        idleAt: Date.parse(ends.idleAt),
        at: Date.parse(ends.at),
        idleMs: ends.idleSeconds * 1000,
        saidAt: serverNow(),
      },
    );
    setState((current) => {
      const same =
        current.kind === "in" && current.mustEnrol === mustEnrol && current.user.name === user.name;
      return same ? current : { kind: "in", user, mustEnrol };
    });
  }

  function leave(why: Why | null): void {
    setEnd(null);
    setState({ kind: "out", why });
  }

  const ended = () => state().kind === "in" && leave(whyEnded(end(), serverNow()));

  async function ask(): Promise<void> {
    askedAt = serverNow();
    try {
      learn(await api.session());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 401) {
        // Who is in stays in: what was known stays readable, and says that it is old.
        setState((current) =>
          current.kind === "in" || current.kind === "out" ? current : { kind: "unreachable", error },
        );
      } else if (state().kind === "in") ended();
      else setState((current) => (current.kind === "out" ? current : { kind: "out", why: null }));
    }
  }

  const enter = (session: Session): void => {
    learn(session);
    options.tellOthers?.();
  };

  return {
    state,
    user: (): User | null => {
      const current = state();
      return current.kind === "in" ? current.user : null;
    },
    /** When it ends by itself; null when nobody is in. */
    end,
    askedAt: () => askedAt,
    /** Ask the server who is in and until when; asking is a use of the session when somebody is at the page. */
    check: () => (asking ??= ask().finally(() => (asking = null))),
    /** Somebody is here and goes on: the end is put off, on all pages. */
    async stay(): Promise<void> {
      await ask();
      options.tellOthers?.();
    },
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
      leave(null);
      options.tellOthers?.();
    },
    /** A call was refused with 401. */
    ended,
  };
}
export type SessionStore = ReturnType<typeof createSession>;
