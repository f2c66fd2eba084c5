import { Show } from "solid-js";
import { HeldList } from "../../kit/held-list.tsx";
import { Icon } from "../../kit/icon.tsx";
import { ROW_TITLE } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import type { Intent } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { actorOf, intentLook, outcomeLine, stepsOf, toldAt } from "./intent.model.ts";
import { StepBars } from "./steps.tsx";
import { text } from "./texts.ts";

/** Two lines an intent: what was wished, where; how far it came and what came of it. */
export function IntentList(props: { intents: Intent[]; rows: number }) {
  return (
    <HeldList items={props.intents} rows={props.rows}>
      {(intent) => <Row intent={intent()} />}
    </HeldList>
  );
}

function Row(props: { intent: Intent }) {
  const look = () => intentLook(props.intent, text());
  const steps = () => stepsOf(props.intent);
  const actor = () => actorOf(props.intent.actor, text());
  return (
    <li class="relative flex gap-2.5 border-line px-4 py-2 not-last:border-b hover:bg-hover">
      <Icon
        name={look().icon}
        class={`mt-0.5 size-4 ${TONE_TEXT[look().tone]} ${look().busy ? "spin" : ""}`}
      />
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-3">
          <DetailLink to={{ kind: "intent", id: props.intent.id }} class={ROW_TITLE}>
            {props.intent.summary}
          </DetailLink>
          <Time at={toldAt(props.intent)} class="ml-auto shrink-0 text-sm text-muted" />
        </p>
        <p class="mt-0.5 flex items-center gap-x-2 text-sm text-muted max-sm:flex-wrap">
          <span class={`shrink-0 ${TONE_TEXT[look().tone]}`}>{look().word}</span>
          <Show when={steps().length > 0}>
            <StepBars steps={steps()} look={look()} />
          </Show>
          <span class="shrink-0">
            {[props.intent.nodeName, props.intent.target].filter(Boolean).join(" · ")}
          </span>
          <span class="min-w-0 truncate text-faint max-sm:basis-full">{outcomeLine(props.intent)}</span>
          <Show when={actor().kind !== "agent"}>
            <span class="ml-auto flex shrink-0 items-center gap-1">
              <Icon name={actor().icon} class="size-3" />
              {actor().name}
            </span>
          </Show>
        </p>
      </div>
    </li>
  );
}
