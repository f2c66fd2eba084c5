/** The rules in the order in which they are asked. */
import { For, Show } from "solid-js";
import { Badge } from "../../../kit/badge.tsx";
import { Status } from "../../../kit/status.tsx";
import { Time } from "../../../kit/time.tsx";
import { actorName } from "../../../texts/actor-name.ts";
import { now } from "../../../lib/clock.ts";
import type { PolicyRule } from "./policy.api.ts";
import { conditionsOf, isOver, verdictLook } from "./policy.model.ts";
import { text } from "./texts.ts";

export function RuleList(props: { rules: readonly PolicyRule[] }) {
  const t = () => text().policy;
  return (
    <>
      <p class="border-b border-line px-4 py-2 text-sm text-muted">{t().first}</p>
      <ol>
        <For each={props.rules}>{(rule, at) => <Rule rule={rule} place={at() + 1} />}</For>
      </ol>
    </>
  );
}

function Rule(props: { rule: PolicyRule; place: number }) {
  const t = () => text().policy;
  return (
    <li
      class="grid grid-cols-[24px_minmax(0,1fr)] gap-x-2 gap-y-1 border-line px-4 py-2.5 not-last:border-b sm:grid-cols-[24px_minmax(0,1fr)_160px]"
      classList={{ "opacity-60": isOver(props.rule, now()) }}
    >
      <span class="text-sm text-faint tabular-nums">{props.place}</span>
      <div class="min-w-0">
        <p class="flex flex-wrap items-center gap-2">
          <code class="font-medium break-all">{props.rule.id}</code>
          <Show when={props.rule.learned}>
            <Badge>{t().learned}</Badge>
          </Show>
        </p>
        <Conditions rule={props.rule} />
        <Show when={props.rule.reason}>
          <p class="mt-1 text-sm text-muted break-words">{props.rule.reason}</p>
        </Show>
      </div>
      <div class="flex flex-col gap-1 max-sm:col-start-2 max-sm:(flex-row flex-wrap items-center gap-x-3)">
        <span class="flex flex-wrap items-center gap-x-2">
          <Status look={verdictLook(props.rule, text())} class="font-medium" />
          <Show when={(props.rule.people ?? 1) > 1}>
            <span class="text-sm text-muted">{t().people(props.rule.people ?? 1)}</span>
          </Show>
        </span>
        <Show when={props.rule.expires}>
          {(end) => (
            <span class="text-sm text-muted">
              {isOver(props.rule, now()) ? t().over : t().until} <Time at={end()} show="point" />
            </span>
          )}
        </Show>
        <Show when={props.rule.author}>
          {(author) => <span class="text-sm text-faint break-all">{t().by(actorName(author()))}</span>}
        </Show>
      </div>
    </li>
  );
}

export function Conditions(props: { rule: PolicyRule }) {
  const all = () => conditionsOf(props.rule, text());
  return (
    <p class="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 text-sm">
      <For each={all()} fallback={<span class="text-warn">{text().policy.never}</span>}>
        {({ name, value }) => (
          <span class="min-w-0 break-all">
            <span class="text-muted">{name}</span> <code>{value}</code>
          </span>
        )}
      </For>
    </p>
  );
}
