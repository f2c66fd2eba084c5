/**
 * How a node was over the last day, one letter per quarter of an hour: the worst that was seen in it. What nobody saw (the
 * Monitor was not running, the node not known) is no data, never ok. Bounded by its form: 96 letters a node.
 */
import * as z from "zod";
import type { NodeState } from "./node-state.ts";

export const SLOT_MS = 900_000;
export const SLOTS = 96;

/** From nothing known to worst. */
export const SLOT_STATES = [".", "o", "w", "l", "c", "x", "q"] as const;
type SlotState = (typeof SLOT_STATES)[number];

export const stateHistory = z
  .strictObject({
    slot: z.number().int().describe("The newest quarter of an hour: epoch seconds divided by 900"),
    states: z
      .string()
      .regex(/^(\d{1,2}[.owlcxq])+$/)
      .describe(
        "The 96 quarters up to that one, oldest first, as runs: `90o5w1c` is 90 healthy, 5 degraded, 1 critical; l late, x offline, q quarantined, . no data",
      ),
  })
  .describe("Worst state in each quarter of an hour of the last day");
export type StateHistory = z.infer<typeof stateHistory>;

export const slotAt = (epochMs: number): number => Math.floor(epochMs / SLOT_MS);

/** What a node's state and its open problems are in the strip. A node that is not yet let in says nothing. */
export function slotState(state: NodeState, openCritical: number): SlotState {
  if (state === "online") return "o";
  if (state === "degraded") return openCritical > 0 ? "c" : "w";
  if (state === "late") return "l";
  if (state === "offline") return "x";
  return state === "quarantined" ? "q" : ".";
}

type Run = [count: number, state: SlotState];

function runsOf(states: string): Run[] {
  return [...states.matchAll(/(\d+)([.owlcxq])/g)].map(([, count, state]) => [
    Number(count),
    state as SlotState,
  ]);
}

/** Adjacent runs of one state become one; the oldest go beyond 96. */
function textOf(runs: readonly Run[]): string {
  const joined: Run[] = [];
  for (const [count, state] of runs) {
    const last = joined.at(-1);
    if (last?.[1] === state) last[0] += count;
    else if (count > 0) joined.push([count, state]);
  }
  let over = joined.reduce((sum, [count]) => sum + count, 0) - SLOTS;
  while (over > 0) {
    const first = joined[0]!;
    const cut = Math.min(first[0], over);
    first[0] -= cut;
    over -= cut;
    if (first[0] === 0) joined.shift();
  }
  return joined.map(([count, state]) => `${count}${state}`).join("");
}

const rank = (state: SlotState): number => SLOT_STATES.indexOf(state);

/**
 * The history with what is seen now; the same object when that changes nothing. Quarters that passed without a look are no
 * data. A clock that went back worsens the newest quarter at most.
 */
export function noted(history: StateHistory | undefined, slot: number, state: SlotState): StateHistory {
  if (history === undefined)
    return {
      slot,
      states: textOf([
        [SLOTS - 1, "."],
        [1, state],
      ]),
    };
  const passed = slot - history.slot;
  if (passed > 0) {
    const missed = Math.min(SLOTS, passed - 1);
    return { slot, states: textOf([...runsOf(history.states), [missed, "."], [1, state]]) };
  }
  const runs = runsOf(history.states);
  const last = runs.at(-1)!;
  if (rank(state) <= rank(last[1])) return history;
  last[0] -= 1;
  return { slot: history.slot, states: textOf([...runs, [1, state]]) };
}
