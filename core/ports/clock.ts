/** The real clock. */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Clock } from "cortex";

/** setTimeout counts in a signed 32-bit number and fires at once beyond it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds since boot, suspend included: the first number of /proc/uptime (proc(5)), in steps of 10 ms. */
export function readUptimeMs(): number {
  try {
    return Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000);
  } catch {
    return performance.now();
  }
}

/**
 * `monotonic` is the age of the boot when the program started plus the time since then, so that a moment noted by one
 * run of Cortex can be compared by the next within the same boot. The second part (CLOCK_MONOTONIC) stands still while
 * the host is suspended: after a suspend a running Cortex waits longer, and never shorter, than a restarted one.
 */
export function createSystemClock(uptimeAtStartMs = readUptimeMs()): Clock {
  const offset = uptimeAtStartMs - performance.now();

  /** `ref` says whether the wait keeps the program alive. */
  function timer(ms: number, run: () => void, ref: boolean): () => void {
    const due = performance.now() + Math.max(0, ms);
    let handle: ReturnType<typeof setTimeout>;
    const arm = () => {
      const rest = due - performance.now();
      handle = setTimeout(rest > LONGEST_TIMER_MS ? arm : run, Math.min(Math.max(0, rest), LONGEST_TIMER_MS));
      if (!ref) handle.unref();
    };
    arm();
    return () => clearTimeout(handle);
  }

  return {
    now: () => Date.now(),
    // Whole milliseconds, as the wall clock's: both end up in the same columns.
    monotonic: () => Math.round(offset + performance.now()),
    after: (ms, run) => timer(ms, run, false),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = timer(
          ms,
          () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          },
          true,
        );
        signal?.addEventListener("abort", abort, { once: true });
      }),
  };
}
