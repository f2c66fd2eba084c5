/**
 * The policy that a person is writing: kept by this page while they look elsewhere, and when somebody else saves first. It goes
 * away when it is saved or thrown away; the browser asks before it leaves with one.
 */
import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { ApiError } from "../../../data/api.ts";
import { session } from "../../../data/app.ts";
import { policyApi, type PolicyCheck, type PolicyVersion } from "./policy.api.ts";

export interface Draft {
  /** The version that it was made from. */
  basedOn: number;
  text: string;
}

const PAUSE_MS = 250;

const [kept, setKept] = createSignal<(Draft & { by: string }) | null>(null);

/** Only of who is logged in. */
export const draft = (): Draft | null => (kept()?.by === session.user()?.name ? kept() : null);

export function setDraft(next: Draft | null): void {
  setKept(next === null ? null : { ...next, by: session.user()?.name ?? "" });
  if (next === null) window.removeEventListener("beforeunload", askFirst);
  else window.addEventListener("beforeunload", askFirst);
}

const askFirst = (event: BeforeUnloadEvent): void => event.preventDefault();

/** What the server says of a text, a moment after it was typed; the last answer stays until the next one. */
export function createCheck(text: () => string) {
  const [check, setCheck] = createSignal<(PolicyCheck & { of: string }) | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  let timer = 0;
  let turn = 0;
  const ask = async (of: string) => {
    const mine = ++turn;
    try {
      const answer = await policyApi.check(of);
      if (mine !== turn) return;
      setCheck({ ...answer, of });
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      if (mine === turn) setError(cause);
    }
  };
  createEffect(
    on(text, (of, before) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => void ask(of), before === undefined ? 0 : PAUSE_MS);
    }),
  );
  onCleanup(() => clearTimeout(timer));
  return {
    error,
    /** null before the first answer. */
    problems: () => check()?.problems ?? null,
    warnings: () => check()?.warnings ?? [],
    rules: () => check()?.rules ?? null,
    inForce: () => check()?.inForce ?? null,
    /** The answer is about exactly this text. */
    isCurrent: () => check()?.of === text() && error() === null,
    again: () => void ask(text()),
  };
}
export type Check = ReturnType<typeof createCheck>;

/** Both sides of a save that came too late: what the draft was made from, and what is in force. */
export async function meanwhile(basedOn: number): Promise<{ base: PolicyVersion; theirs: PolicyVersion }> {
  const [base, theirs] = await Promise.all([policyApi.version(basedOn), policyApi.current()]);
  return { base, theirs };
}
