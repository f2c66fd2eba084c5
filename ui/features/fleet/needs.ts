/** What waits for a person, now: the fleet lists it, the frame around every screen counts it. */
import { createMemo, createRoot } from "solid-js";
import { countedStates, live } from "../../data/app.ts";
import { sameItems } from "../../data/collection.ts";
import { SNAPSHOT_ROWS } from "../../data/live.model.ts";
import { text } from "../../texts/i18n.ts";
import { isSilent, needsOf } from "./needs.model.ts";

export const needs = createRoot(() => {
  // Few of many nodes: the others' readings are no reason to go through all problems again.
  const silent = createMemo(() => live.data.nodes.items.filter(isSilent), [], { equals: sameItems });
  return createMemo(() =>
    needsOf(
      silent(),
      live.data.problems.items,
      live.data.intents.items,
      text(),
      countedStates(),
      live.data.decisions.items,
    ),
  );
});

/** Of a large fleet not all problems and intents are here: there may be more that waits than was counted. */
export const needsArePartial = (): boolean =>
  live.data.problems.items.length >= SNAPSHOT_ROWS || live.data.intents.items.length >= SNAPSHOT_ROWS;
