import { formatPercent } from "../lib/format.model.ts";
import { TONE_FILL, type Tone } from "./tone.tsx";

/** Grey while there is room. Never red: whether a number is a problem is for the checks to say, not for a bar. */
export const meterTone = (ratio: number): Tone => (ratio >= 0.9 ? "warn" : "idle");

/** A share of something, as number and bar; a dash when nobody measured it. `old`: measured too long ago to count. */
export function Meter(props: { label: string; ratio: number | undefined; old?: boolean; left?: boolean }) {
  const shown = () => (props.ratio === undefined ? "–" : formatPercent(props.ratio));
  const fill = () => (props.old === true ? "bg-faint" : TONE_FILL[meterTone(props.ratio ?? 0)]);
  return (
    <span class="flex items-center gap-2">
      <span
        class="tabular-nums"
        classList={{
          "text-faint": props.ratio === undefined || props.old === true,
          "w-9 text-right": props.left !== true,
          "min-w-8": props.left === true,
        }}
      >
        {shown()}
      </span>
      <span
        role="meter"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((props.ratio ?? 0) * 100)}
        aria-valuetext={shown()}
        class="h-1 min-w-6 flex-1 overflow-hidden rounded-full bg-line-strong"
      >
        <span
          class={`block h-full rounded-full ${fill()}`}
          style={{ width: `${Math.min(1, Math.max(0, props.ratio ?? 0)) * 100}%` }}
        />
      </span>
    </span>
  );
}

/** Used and left of a small number of things: ▮▮▯. */
export function Pips(props: { used: number; max: number; tone: Tone; label: string }) {
  return (
    <span role="img" aria-label={props.label} class="inline-flex gap-1">
      {Array.from({ length: props.max }, (_, index) => (
        <span
          class={`h-1.5 w-4 rounded-full ${index < props.used ? TONE_FILL[props.tone] : "bg-line-strong"}`}
        />
      ))}
    </span>
  );
}
