/** Waiting for something to become true in real time: by looking often, never by sleeping and hoping. */
import { Failed } from "./ensure.ts";

export interface UntilOptions {
  timeoutMs: number;
  /** For the error: "the service answers". */
  what: string;
  /** Pause between two looks; default 25 ms. */
  everyMs?: number;
}

/** The first answer of `look` that is neither false, null nor undefined. What it throws counts as "not yet". */
export async function until<T>(
  look: () => T | Promise<T>,
  options: UntilOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs, what, everyMs = 25 } = options;
  const deadline = performance.now() + timeoutMs;
  let last = "";
  for (;;) {
    try {
      const found = await look();
      if (found !== false && found !== null && found !== undefined)
        return found as Exclude<T, false | null | undefined>;
      last = "";
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    if (performance.now() >= deadline)
      throw new Failed(`not within ${(timeoutMs / 1000).toFixed(1)} s: ${what}${last}`);
    await pause(everyMs);
  }
}

/** For what is measured over time ("nothing happens for 3 s"); to wait for something, use `until`. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Epoch milliseconds with fractions; monotonic within this process. */
export const now = (): number => performance.timeOrigin + performance.now();
