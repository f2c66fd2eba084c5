import { formatPercent } from "../lib/format.model.ts";
import { TONE_FILL, type Tone } from "./tone.tsx";

/** Grey while there is room. Never red: whether a number is a problem is for the checks to say, not for a bar. */
export const meterTone = (ratio: number): "warn" | "idle" => (ratio >= 0.9 ? "warn" : "idle");
const FILL = { warn: "--warn", idle: "--muted" } as const;

/** A share of something, as number and bar; a dash when nobody measured it. `old`: measured too long ago to count. */
export function Meter(props: { label: string; ratio: number | undefined; old?: boolean; left?: boolean }) {
  const shown = () => (props.ratio === undefined ? "–" : formatPercent(props.ratio));
  const fill = () => (props.old === true ? "--faint" : FILL[meterTone(props.ratio ?? 0)]);
  const share = () => `${Math.min(1, Math.max(0, props.ratio ?? 0)) * 100}%`;
  return (
    <span
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((props.ratio ?? 0) * 100)}
      aria-valuetext={shown()}
      class="meter"
      style={{ "--share": share(), "--fill": `var(${fill()})` }}
    >
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
