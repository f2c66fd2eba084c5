/** The steps of signing in, as the API has them. */
import { api } from "../../data/app.ts";
import type { Question, Session, WaysAgain } from "../../data/types.ts";

const at = (method: string, step: string) => `auth/${encodeURIComponent(method)}/${step}`;

export const signIn = {
  /** A passkey, without a name. */
  beginAlone: (method: string) => api.call<Question>("POST", at(method, "begin"), {}),
  finishAlone: (method: string, ticket: string, answer: unknown) =>
    api.call<Session>("POST", at(method, "finish"), { ticket, answer }),
  /** Where the browser goes to sign in at a provider. */
  start: (method: string, to: string, fresh = false) =>
    api.call<{ url: string }>("POST", at(method, "start"), { to, fresh }),
  beginSecond: (ticket: string, method: string) =>
    api.call<Question>("POST", "auth/factor/begin", { ticket, method }),
  finishSecond: (ticket: string, method: string, answer: unknown) =>
    api.call<Session>("POST", "auth/factor", { ticket, method, answer }),
};

export const again = {
  ways: () => api.call<WaysAgain>("GET", "auth/reauthenticate"),
  begin: (method: string) => api.call<Question>("POST", "auth/reauthenticate/begin", { method }),
  byFactor: (ticket: string, answer: unknown) =>
    api.call<unknown>("POST", "auth/reauthenticate", { ticket, answer }),
};
