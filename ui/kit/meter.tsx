import { formatPercent } from "../lib/format.model.ts";
import { TONE_FILL, type Tone } from "./tone.tsx";

/** Grey while there is room: the same limits as the built-in checks of space and memory. */
export const meterTone = (ratio: number): Tone => (ratio >= 0.9 ? "bad" : ratio >= 0.8 ? "warn" : "idle");

/** A share of something, as number and bar; a dash when nobody measured it. */
export function Meter(props: { label: string; ratio: number | undefined; class?: string }) {
  return (
    <span class={`flex items-center gap-2 ${props.class ?? ""}`}>
      <span class="w-9 text-right" classList={{ "text-faint": props.ratio === undefined }}>
        {props.ratio === undefined ? "–" : formatPercent(props.ratio)}
      </span>
      <span
        role="meter"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((props.ratio ?? 0) * 100)}
        aria-valuetext={props.ratio === undefined ? "–" : formatPercent(props.ratio)}
        class="h-1 min-w-8 flex-1 overflow-hidden rounded-full bg-line-strong"
      >
        <span
          class={`block h-full rounded-full ${TONE_FILL[meterTone(props.ratio ?? 0)]}`}
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
