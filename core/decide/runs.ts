/** Evaluations under way: each decision at most once at a time, and none any more after the stop. */

export interface Runs {
  /** Remember one for the next `begin`, for instance inside a transaction. */
  add(id: string): void;
  begin(): void;
  /** Resolves when what was begun has ended. */
  stop(): Promise<void>;
}

export interface RunsOptions {
  run(id: string, isStopped: () => boolean): Promise<void>;
  failed(id: string, error: unknown): void;
}

export function createRuns({ run, failed }: RunsOptions): Runs {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;
  return {
    add: (id) => void waiting.add(id),
    begin() {
      for (const id of waiting) {
        waiting.delete(id);
        if (stopped || running.has(id)) continue;
        const work = run(id, () => stopped)
          .catch((error: unknown) => failed(id, error))
          .finally(() => running.delete(id));
        running.set(id, work);
      }
    },
    async stop() {
      stopped = true;
      await Promise.allSettled([...running.values()]);
    },
  };
}
