/** Chance that can be repeated: the same seed gives the same numbers (mulberry32). */
export interface Random {
  readonly seed: number;
  /** 0 ≤ x < 1. */
  next(): number;
  between(from: number, to: number): number;
}

/** Seed from CORTEX_ACCEPT_SEED, to repeat a run, else from the clock. */
export function createRandom(
  seed = Number(process.env.CORTEX_ACCEPT_SEED ?? Date.now() % 1_000_000),
): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { seed, next, between: (from, to) => from + next() * (to - from) };
}
