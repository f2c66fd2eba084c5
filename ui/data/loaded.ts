/** Something that is asked for once and again when it changed here: not followed live. */
import { createSignal, onMount } from "solid-js";
import { ApiError } from "./api.ts";

export function createLoaded<T>(ask: () => Promise<T>) {
  const [value, setValue] = createSignal<T | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  let turn = 0;

  async function reload(): Promise<void> {
    const mine = ++turn;
    try {
      const answer = await ask();
      if (mine !== turn) return;
      setValue(() => answer);
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      if (mine === turn) setError(cause);
    }
  }
  onMount(() => void reload());

  return {
    /** null until the first answer; the last one stays when a later question fails. */
    value,
    state: {
      get ready() {
        return value() !== null;
      },
      get error() {
        return error();
      },
    },
    reload,
  };
}
