/** The fleet in numbers, also where only a part of it is here: the tiles of home and wall. */
import { createMemo, createRoot } from "solid-js";
import { fleetSize, live } from "../../data/app.ts";
import { SNAPSHOT_ROWS } from "../../data/live.model.ts";
import { countBuckets, countStates, marksOf, type Bucket } from "./fleet.model.ts";

/** A large fleet is not here whole: tiles count what the Monitor counts, and lists ask for more. */
export const isPartial = (): boolean =>
  live.data.nodes.items.length >= SNAPSHOT_ROWS && fleetSize() > live.data.nodes.items.length;

export const stateMarks = createRoot(() =>
  createMemo(() => marksOf(live.data.problems.items, live.data.intents.items)),
);

export function fleetCounts(): Record<Bucket, number> {
  const known = live.data.status.items[0];
  return isPartial() && known !== undefined
    ? countStates(known.nodes, stateMarks())
    : countBuckets(live.data.nodes.items, stateMarks());
}
