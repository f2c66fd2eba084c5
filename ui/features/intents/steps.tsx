import { For } from "solid-js";
import type { Look } from "../../kit/tone.tsx";
import { TONE_FILL } from "../../kit/tone.tsx";
import type { Step } from "./intent.model.ts";
import { text } from "./texts.ts";

const isPast = (step: Step) => step.mark !== "todo";

/** The way of an intent in five short bars: done, running, still to come. */
export function StepBars(props: { steps: Step[]; look: Look }) {
  const fill = (step: Step) => {
    if (step.mark === "todo") return "bg-line-strong";
    return step.mark === "done" && props.look.tone !== "ok" ? "bg-faint" : TONE_FILL[props.look.tone];
  };
  return (
    <span
      role="img"
      aria-label={text().intent.steps(props.look.word, props.steps.filter(isPast).length, props.steps.length)}
      class="inline-flex shrink-0 gap-0.5"
    >
      <For each={props.steps}>{(step) => <span class={`h-1 w-3 rounded-full ${fill(step)}`} />}</For>
    </span>
  );
}
