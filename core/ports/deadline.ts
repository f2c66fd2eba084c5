/** One time limit over several steps. */

export interface Deadline {
  signal: AbortSignal;
  /** True when the time ran out, as opposed to an abort from outside. */
  expired(): boolean;
  /** The work's answer, or a rejection with the signal's reason as soon as it fires. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Always call it: ends the timer. */
  end(): void;
}

export function createDeadline(ms: number, outer?: AbortSignal): Deadline {
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new Error(`no answer within ${ms} ms`)), ms);
  const signal = outer ? AbortSignal.any([timeUp.signal, outer]) : timeUp.signal;
  const fired = Promise.withResolvers<never>();
  // Nobody may be racing when it fires.
  fired.promise.catch(() => undefined);
  const onAbort = () => fired.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal,
    expired: () => timeUp.signal.aborted,
    race: (work) => Promise.race([work, fired.promise]),
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
