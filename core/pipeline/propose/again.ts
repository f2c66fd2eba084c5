/** When a problem is looked at again: one timer per problem, however often it was asked for. */
import type { Clock } from "cortex";

export interface Again {
  /** Look at it in `ms`; an earlier wish for the same problem is forgotten. */
  in(problemId: string, ms: number): void;
  /** True while its time has not come. */
  waits(problemId: string): boolean;
  /** Forget the wait for one problem, or all waits. */
  clear(problemId?: string): void;
}

export function createAgain(clock: Clock, signal: AbortSignal, look: (problemId: string) => void): Again {
  const timers = new Map<string, () => void>();
  const clear = (problemId?: string) => {
    for (const id of problemId === undefined ? [...timers.keys()] : [problemId]) {
      timers.get(id)?.();
      timers.delete(id);
    }
  };
  signal.addEventListener("abort", () => clear(), { once: true });
  return {
    in(problemId, ms) {
      if (signal.aborted) return;
      timers.get(problemId)?.();
      const cancel = clock.after(ms, () => {
        timers.delete(problemId);
        look(problemId);
      });
      timers.set(problemId, cancel);
    },
    waits: (problemId) => timers.has(problemId),
    clear,
  };
}
