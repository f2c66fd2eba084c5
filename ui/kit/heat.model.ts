/** A day of states in quarters of an hour: read from the wire's runs, brought up to now, drawn as one path per state. */

/** As on the wire: no data, ok, warning, late, critical, offline, quarantined. */
export type HeatState = "." | "o" | "w" | "l" | "c" | "x" | "q";
export const HEAT_STATES: readonly HeatState[] = ["o", "w", "l", "c", "x", "q", "."];

export const SLOT_MS = 900_000;
export const SLOTS = 96;

export interface Heat {
  /** The newest quarter: epoch ms / 900,000. */
  slot: number;
  /** Runs, oldest first: `90o5w1c`. */
  states: string;
}

/**
 * One letter per quarter, 96 of them, the last one being the quarter of `now`. A history that ended before was not touched
 * since: for the time from then on, how the node is now counts.
 */
export function heatAt(heat: Heat, now: number, current: HeatState): HeatState[] {
  const known = [...heat.states.matchAll(/(\d+)([.owlcxq])/g)].flatMap(([, count, state]) =>
    Array.from({ length: Number(count) }, () => state as HeatState),
  );
  const behind = Math.min(SLOTS, Math.max(0, Math.floor(now / SLOT_MS) - heat.slot));
  const all = [...known, ...Array.from({ length: behind }, () => current)];
  const short = SLOTS - all.length;
  return short > 0 ? [...Array.from({ length: short }, () => "." as const), ...all] : all.slice(-SLOTS);
}

export interface HeatRun {
  state: HeatState;
  /** First quarter, and how many. */
  from: number;
  count: number;
}

export function runsOf(states: readonly HeatState[]): HeatRun[] {
  const runs: HeatRun[] = [];
  states.forEach((state, from) => {
    const last = runs.at(-1);
    if (last?.state === state) last.count += 1;
    else runs.push({ state, from, count: 1 });
  });
  return runs;
}

/** How high a state stands, of 16: what is wrong is seen without its colour, and a calm day is a low line. */
const HEIGHTS: Record<HeatState, number> = { o: 5, w: 10, l: 10, c: 16, x: 16, q: 16, ".": 1 };
export const HEAT_HEIGHT = 16;

/** Path of each state that occurs, in a box of 96 × 16. */
export function heatPaths(states: readonly HeatState[]): { state: HeatState; path: string }[] {
  const runs = runsOf(states);
  return HEAT_STATES.flatMap((state) => {
    const path = runs
      .filter((run) => run.state === state)
      .map((run) => `M${run.from} ${HEAT_HEIGHT}v-${HEIGHTS[state]}h${run.count}v${HEIGHTS[state]}z`)
      .join("");
    return path === "" ? [] : [{ state, path }];
  });
}

/** Quarters per state, worst first, and when the last one of each began (epoch ms). */
export function heatCounts(
  states: readonly HeatState[],
  now: number,
): { state: HeatState; ms: number; lastAt: number }[] {
  const end = (Math.floor(now / SLOT_MS) + 1) * SLOT_MS;
  const order: readonly HeatState[] = ["q", "x", "c", "l", "w", "o", "."];
  return order.flatMap((state) => {
    const count = states.filter((one) => one === state).length;
    if (count === 0) return [];
    const run = runsOf(states).findLast((one) => one.state === state)!;
    return [{ state, ms: count * SLOT_MS, lastAt: end - (states.length - run.from) * SLOT_MS }];
  });
}
