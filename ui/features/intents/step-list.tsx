/** The way of an intent, from the proposal to its end: what is done, what is under way, what is to come. */
import { For, Show } from "solid-js";
import { Icon, type IconName } from "../../kit/icon.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT, type Tone } from "../../kit/tone.tsx";
import type { Step } from "./intent.model.ts";
import { text } from "./texts.ts";

const STEP_LOOKS: Record<Step["mark"], { icon: IconName; tone: Tone; busy?: boolean }> = {
  done: { icon: "check-circle", tone: "ok" },
  current: { icon: "loader", tone: "accent", busy: true },
  failed: { icon: "x-circle", tone: "bad" },
  todo: { icon: "dashed", tone: "idle" },
};

/** A proposal does not run: it waits for somebody. */
const lookOf = (step: Step) =>
  step.mark === "current" && step.state === "proposed"
    ? { icon: "question" as const, tone: "warn" as const, busy: false }
    : STEP_LOOKS[step.mark];

export function Steps(props: { steps: Step[] }) {
  return (
    <ol class="grid gap-2 rounded-md border border-line px-3 py-2.5 sm:(flex gap-0)">
      <For each={props.steps}>
        {(step) => (
          <li
            aria-current={step.mark === "current" ? "step" : undefined}
            class="flex items-center gap-2 sm:(flex-1 flex-col items-start gap-1)"
          >
            <Icon
              name={lookOf(step).icon}
              class={`size-4 ${TONE_TEXT[lookOf(step).tone]} ${lookOf(step).busy ? "spin" : ""}`}
            />
            <span class={step.mark === "todo" ? "text-faint" : "font-medium"}>
              {text().intent.states[step.state]}
            </span>
            <span class="text-sm text-muted max-sm:ml-auto sm:min-h-4">
              <Show when={step.at}>{(at) => <Time at={at()} show="point" />}</Show>
            </span>
          </li>
        )}
      </For>
    </ol>
  );
}
