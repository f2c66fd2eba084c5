/** What waits for a person, now: the fleet lists it, the frame around every screen counts it. */
import { createMemo, createRoot } from "solid-js";
import { countedStates, live } from "../../data/app.ts";
import { sameItems } from "../../data/collection.ts";
import { SNAPSHOT_ROWS } from "../../data/live.model.ts";
import { text } from "../../texts/i18n.ts";
import { countNeeds, isSilent, needsOf } from "./needs.model.ts";

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

/** How many there are, also where only a part of them is here. */
export const needCount = (): number => {
  const { items } = live.data.problems;
  const waiting = live.data.status.items[0]?.waiting;
  return waiting === undefined || items.length < SNAPSHOT_ROWS
    ? needs().length
    : countNeeds(needs(), items, waiting);
};
