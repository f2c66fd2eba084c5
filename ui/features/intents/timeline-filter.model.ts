/** Which records the timeline shows: by kind, outcome and words, all of it in the address. */
import type { Intent, IntentState } from "../../data/types.ts";

export const KINDS: readonly Intent["kind"][] = ["repair", "note", "milestone", "blocker"];

/** Outcomes as people ask for them. */
export const OUTCOMES = {
  waiting: ["proposed"],
  acting: ["approved", "executing", "verifying"],
  good: ["verified"],
  bad: ["failed", "undone", "unknown"],
  dropped: ["rejected", "expired", "superseded"],
} as const satisfies Record<string, readonly IntentState[]>;
export type Outcome = keyof typeof OUTCOMES;
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as Outcome[];

/** As in the address. */
export interface TimelineSearch {
  q?: string | undefined;
  kind?: string | undefined;
  outcome?: string | undefined;
}

/** As the API takes it; what can't be understood filters nothing. */
export function timelineQuery(search: TimelineSearch): Record<string, string> {
  const kind = KINDS.find((one) => one === search.kind);
  const outcome = OUTCOME_NAMES.find((one) => one === search.outcome);
  const words = search.q?.trim() ?? "";
  return {
    ...(kind !== undefined && { kind }),
    ...(outcome !== undefined && { state: OUTCOMES[outcome].join(",") }),
    ...(words !== "" && { text: words }),
  };
}

/** The same for what is here already. */
export function fitsTimeline(intent: Intent, search: TimelineSearch): boolean {
  const { kind, state, text } = timelineQuery(search);
  if (kind !== undefined && intent.kind !== kind) return false;
  if (state !== undefined && !(state.split(",") as string[]).includes(intent.state)) return false;
  return (
    text === undefined ||
    `${intent.summary} ${intent.text} ${intent.nodeName} ${intent.target ?? ""}`
      .toLowerCase()
      .includes(text.toLowerCase())
  );
}
