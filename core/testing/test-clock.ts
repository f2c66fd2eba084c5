/** Time under the test's control: nothing passes unless the test says so. */
import type { Clock } from "cortex";

export interface TestClock extends Clock {
  /** Let `ms` pass: due timers run in order of their time, each with all that follows from it. */
  advance(ms: number): Promise<void>;
  /** Step the wall clock alone, as an operator or NTP would. */
  jump(ms: number): void;
}

interface Timer {
  at: number;
  run: () => void;
}

/** Let promise chains and finished file reads settle before time moves on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Default: 2026-01-01T00:00:00Z, one hour after boot. */
export function createTestClock(start: { now?: number; monotonic?: number } = {}): TestClock {
  let wall = start.now ?? Date.UTC(2026, 0, 1);
  let elapsed = start.monotonic ?? 3_600_000;
  const timers = new Set<Timer>();

  const after = (ms: number, run: () => void) => {
    const timer = { at: elapsed + Math.max(0, ms), run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const nextDue = (until: number) =>
    [...timers].reduce<Timer | null>(
      (first, timer) => (timer.at <= until && (first === null || timer.at < first.at) ? timer : first),
      null,
    );
  const moveTo = (at: number) => {
    const step = Math.max(0, at - elapsed);
    elapsed += step;
    wall += step;
  };

  return {
    now: () => wall,
    monotonic: () => elapsed,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        });
        signal?.addEventListener("abort", abort, { once: true });
      }),
    async advance(ms) {
      const target = elapsed + ms;
      await settle();
      for (let timer = nextDue(target); timer !== null; timer = nextDue(target)) {
        timers.delete(timer);
        moveTo(timer.at);
        timer.run();
        await settle();
      }
      moveTo(target);
    },
    jump: (ms) => void (wall += ms),
  };
}
