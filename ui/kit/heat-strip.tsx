import { createMemo, createRoot, For } from "solid-js";
import { now } from "../lib/clock.ts";
import { formatDuration, formatPoint } from "../lib/format.model.ts";
import { enFleet } from "../texts/en/fleet.ts";
import { locale, textsWith } from "../texts/i18n.ts";
import {
  HEAT_HEIGHT,
  heatAt,
  heatCounts,
  heatPaths,
  SLOT_MS,
  SLOTS,
  type Heat,
  type HeatState,
} from "./heat.model.ts";

const text = textsWith(enFleet);

const FILLS: Record<HeatState, string> = {
  o: "fill-heat-ok",
  w: "fill-warn",
  l: "fill-warn",
  c: "fill-bad",
  x: "fill-unknown",
  q: "fill-unknown",
  ".": "fill-line-strong",
};

/** The quarter of an hour that is now: strips are drawn again when it turns, not each second. */
export const quarter = createRoot(() => createMemo(() => Math.floor(now() / SLOT_MS) * SLOT_MS));

interface Picture {
  paths: ReturnType<typeof heatPaths>;
  summary: string;
}
/** Most nodes of a fleet have the same calm day: each picture is made once. */
const pictures = new Map<string, Picture>();
const MOST_PICTURES = 500;

function pictureOf(heat: Heat, current: HeatState): Picture {
  const key = `${heat.slot} ${heat.states} ${current} ${quarter()} ${locale()}`;
  const known = pictures.get(key);
  if (known !== undefined) return known;
  if (pictures.size >= MOST_PICTURES) pictures.clear();
  const states = heatAt(heat, quarter(), current);
  const made = { paths: heatPaths(states), summary: heatSummary(states) };
  pictures.set(key, made);
  return made;
}

/** A day at a glance: one picture of at most seven paths. `current`: how it is now, for the time since it was last told. */
export function HeatStrip(props: { heat: Heat; current: HeatState; class?: string }) {
  const picture = createMemo(() => pictureOf(props.heat, props.current));
  return (
    <svg
      role="img"
      aria-label={picture().summary}
      viewBox={`0 0 ${SLOTS} ${HEAT_HEIGHT}`}
      preserveAspectRatio="none"
      class={props.class}
    >
      <For each={picture().paths}>{(part) => <path d={part.path} class={FILLS[part.state]} />}</For>
    </svg>
  );
}

/** "Last 24 h: Critical 30m, last at 03:15; Healthy 23h 30m". */
export function heatSummary(states: readonly HeatState[]): string {
  const parts = heatCounts(states, quarter()).map(({ state, ms, lastAt }) => {
    const part = `${text().heat.states[state]} ${formatDuration(ms, locale())}`;
    if (state === "o" || state === ".") return part;
    return text().heat.lastAt(part, formatPoint(lastAt, quarter(), locale()));
  });
  return text().heat.summary(parts.join("; "));
}
