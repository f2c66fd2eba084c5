/** What the gate, rules, judges and people said of it, in order. */
import { For, Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { Section } from "../../kit/panel.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import type { Decision } from "../../data/types.ts";
import { formatCost, type Voice, voicesOf } from "./decision.model.ts";
import { text } from "./texts.ts";

export function Said(props: { decision: Decision }) {
  return (
    <Section title={text().decision.said}>
      <ol class="flex flex-col gap-3">
        <For each={voicesOf(props.decision, text())}>{(voice) => <Spoken voice={voice} />}</For>
        <Show when={props.decision.judging}>
          <li role="status" class="flex items-center gap-2 text-muted">
            <Icon name="loader" class="size-4 animate-spin motion-reduce:animate-none" />
            {text().decision.judging}
          </li>
        </Show>
      </ol>
    </Section>
  );
}

function Spoken(props: { voice: Voice }) {
  return (
    <li class="flex gap-3">
      <Status look={props.voice.look} class="h-5 w-24 shrink-0" />
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-3">
          <span class="min-w-0 flex-1 break-words">
            {props.voice.text}
            <Show when={props.voice.detail}>
              <span class="text-muted"> ({props.voice.detail})</span>
            </Show>
          </span>
          <Time at={props.voice.at} show="point" class="shrink-0 text-sm text-faint" />
        </p>
        <p class="text-sm text-muted">{props.voice.who}</p>
        <Show when={props.voice.opinion}>
          {(opinion) => (
            <blockquote class="mt-1.5 border-l-2 border-line-strong pl-3">
              <p class="break-words">{opinion().text}</p>
              <p class="mt-1 text-sm text-muted">
                {text().decision.opinion(
                  opinion().model,
                  formatCost(opinion().costUsd),
                  opinion().durationSeconds.toFixed(1),
                )}
                <Show when={opinion().confidence !== null}>
                  {" · "}
                  {text().decision.sure(Math.round((opinion().confidence ?? 0) * 100))}
                </Show>
              </p>
            </blockquote>
          )}
        </Show>
      </div>
    </li>
  );
}
