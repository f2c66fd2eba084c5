/** An act that somebody starts and waits for: one at a time, and what the API said when it refused. */
import { createSignal } from "solid-js";
import { ApiError } from "../data/api.ts";
import { errorText } from "./states.tsx";

export function createAct<A extends unknown[]>(work: (...args: A) => Promise<unknown>) {
  const [busy, setBusy] = createSignal(false);
  const [refusal, setRefusal] = createSignal<ApiError | null>(null);
  return {
    busy,
    refusal,
    /** The refusal in the reader's words. */
    message: (): string | null => {
      const error = refusal();
      return error && errorText(error);
    },
    clear: () => setRefusal(null),
    /** Resolves with the refusal, or null. Nothing is begun while one is under way. */
    async run(...args: A): Promise<ApiError | null> {
      if (busy()) return null;
      setBusy(true);
      setRefusal(null);
      try {
        await work(...args);
        return null;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        setRefusal(error);
        return error;
      } finally {
        setBusy(false);
      }
    },
  };
}
