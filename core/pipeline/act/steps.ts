/**
 * One step of a repair (resolve, plan, config test, precondition, apply, verify, undo) under a time limit: guard G8. At the
 * limit its signal is aborted, which kills the process groups it started; then it gets a moment to end.
 */
import { type Clock, defineErrors, messageOf } from "cortex";

export const stepErrors = defineErrors("repair", {
  timeout: "timeout",
  /** Aborted, and still not at its end: what it does or will do, nobody knows. */
  endless: "timeout",
  stopped: "unavailable",
});

/** For steps whose repair names no limit of its own. */
export const STEP_TIMEOUT_MS = 60_000;
/** For steps that change something: a killed program is gone after at most 4 s (SIGTERM, 2 s, SIGKILL, 2 s). */
export const GRACE_MS = 5000;

export interface StepLimits {
  clock: Clock;
  ms?: number | undefined;
  /** The program stops. */
  signal: AbortSignal;
  /** How long an aborted step is waited for; default not at all, which does for steps that only look. */
  graceMs?: number;
}

/**
 * The step's answer, also one given in the grace. Errors: what the step threw; `repair.timeout` or `repair.stopped` when it
 * was aborted; `repair.endless` when it had a grace and did not end in it.
 */
export async function bounded<T>(
  { clock, ms = STEP_TIMEOUT_MS, signal, graceMs = 0 }: StepLimits,
  step: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  if (signal.aborted) throw stepErrors.stopped("the program is stopping");
  const abort = new AbortController();
  const cut = Promise.withResolvers<never>();
  // The step may end first; then nobody hears of the cut.
  cut.promise.catch(() => undefined);
  let cancel = () => {};
  const interrupt = (reason: Error) => {
    if (abort.signal.aborted) return;
    cancel();
    abort.abort(reason);
    if (graceMs === 0) return cut.reject(reason);
    const endless = stepErrors.endless(`${messageOf(reason)}, nor after it was aborted`);
    cancel = clock.after(graceMs, () => cut.reject(endless));
  };
  const onStop = () => interrupt(stepErrors.stopped("no end before the program stopped"));
  cancel = clock.after(ms, () => interrupt(stepErrors.timeout(`no end within ${ms} ms`)));
  signal.addEventListener("abort", onStop, { once: true });
  const work = (async () => step(abort.signal))();
  // Cut off, it may still fail later.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, cut.promise]);
  } catch (error) {
    throw abort.signal.aborted && !isEndless(error) ? abort.signal.reason : error;
  } finally {
    cancel();
    signal.removeEventListener("abort", onStop);
  }
}

export const isEndless = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === "repair.endless";
