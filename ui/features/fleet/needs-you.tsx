import { Key } from "@solid-primitives/keyed";
import { createMemo, createSignal, Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { More } from "../../kit/more.tsx";
import { ROW_LINK, ROW_TITLE } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import { now } from "../../lib/clock.ts";
import { formatClock, formatCount, formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { Intent } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { intentLook, toldAt } from "../intents/intent.model.ts";
import { type Need, toldRepair } from "./needs.model.ts";
import { text } from "./texts.ts";

const SHOWN = 5;
/** Rows that each press of "more" adds. */
const STEP = 30;
const HOUR_MS = 3_600_000;
const SOON_MS = HOUR_MS / 2;

/** What waits for a person; one calm line when nothing does. */
export function NeedsYou(props: {
  needs: Need[];
  /** All there are; `needs` are those that are here. */
  count: number;
  intents: readonly Intent[];
}) {
  const [rows, setRows] = createSignal(SHOWN);
  const shown = () => props.needs.slice(0, rows());
  return (
    <Show when={props.needs.length > 0} fallback={<Calm intents={props.intents} />}>
      <section aria-labelledby="needs" class="overflow-hidden rounded-lg border border-line bg-surface">
        <h2 id="needs" class="flex h-9 items-center gap-2 border-b border-line px-4 font-semibold">
          {text().needs.title}
          <span class="font-normal text-faint">{formatCount(props.count, locale())}</span>
        </h2>
        <ul>
          <Key each={shown()} by="key">
            {(need) => <Row need={need()} />}
          </Key>
        </ul>
        <Show when={props.count > rows()}>
          <Show
            when={props.needs.length > rows()}
            fallback={
              <a href="/problems" class="block px-4 py-2 text-center text-muted hover:(bg-hover text-ink)">
                {text().needs.inProblems(props.count - props.needs.length)}
              </a>
            }
          >
            <More label={text().needs.more(props.count - rows())} onMore={() => setRows(rows() + STEP)} />
          </Show>
        </Show>
      </section>
    </Show>
  );
}

const TITLE = `${ROW_TITLE} sm:block`;

function Row(props: { need: Need }) {
  const left = () => (props.need.deadline === null ? null : Date.parse(props.need.deadline) - now());
  return (
    <li class="relative flex items-center gap-2.5 border-line px-4 py-2 not-last:border-b hover:bg-hover">
      <span
        class={`flex items-center gap-1.5 max-sm:self-start max-sm:pt-0.5 sm:w-20 ${TONE_TEXT[props.need.tone]}`}
      >
        <Icon name={props.need.icon} />
        <span class="font-medium max-sm:sr-only">{props.need.word}</span>
      </span>
      <span class="min-w-0 flex-1">
        <span class="lg:(flex items-baseline gap-3)">
          <Show
            when={props.need.detail}
            fallback={
              <a href={props.need.href} class={TITLE}>
                {props.need.title}
              </a>
            }
          >
            {(detail) => (
              <DetailLink to={detail()} class={TITLE}>
                {props.need.title}
              </DetailLink>
            )}
          </Show>
          <span class="block shrink-0 truncate text-sm text-muted">{props.need.where.join(" · ")}</span>
        </span>
        <Show when={props.need.advice}>
          {(advice) => <span class="block text-sm text-pretty text-muted sm:truncate">{advice()}</span>}
        </Show>
      </span>
      <span class="shrink-0 text-right text-sm text-muted max-sm:self-start max-sm:pt-0.5">
        <Show when={left()} fallback={<Show when={props.need.since}>{(at) => <Time at={at()} />}</Show>}>
          {(ms) => (
            <span class="whitespace-nowrap tabular-nums" classList={{ "text-warn": ms() < SOON_MS }}>
              {text().needs.lapsesIn(ms() < HOUR_MS ? formatClock(ms()) : formatDuration(ms(), locale()))}
            </span>
          )}
        </Show>
      </span>
      <Icon name="chevron-right" class="size-4 text-faint max-sm:hidden" />
    </li>
  );
}

/** What runs by itself right now comes before what is over. */
function Calm(props: { intents: readonly Intent[] }) {
  const told = createMemo(() => toldRepair(props.intents));
  return (
    <section
      aria-label={text().needs.title}
      class="relative flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 rounded-lg border border-line bg-surface px-4 py-2.5"
    >
      <span class="flex items-center gap-2 font-medium">
        <Icon name="check-circle" class="size-4 text-ok" />
        {text().needs.calm}
      </span>
      <Show when={told()} fallback={<span class="text-muted">{text().needs.noRepair}</span>}>
        {(repair) => (
          <span class="flex min-w-0 items-baseline gap-1.5 text-muted">
            <span class="shrink-0">
              {repair().acting > 0 ? text().needs.underWay(repair().acting) : text().needs.lastRepair}
            </span>
            {/* The same moment as in its row of the timeline: two ages of one repair would be a riddle. */}
            <Time at={toldAt(repair().intent)} />
            <Show when={repair().intent.state !== "verified"}>
              <span aria-hidden="true">·</span>
              <span class="shrink-0">{intentLook(repair().intent, text()).word}</span>
            </Show>
            <span aria-hidden="true">·</span>
            <DetailLink to={{ kind: "intent", id: repair().intent.id }} class={`truncate ${ROW_LINK}`}>
              {repair().intent.summary}
            </DetailLink>
          </span>
        )}
      </Show>
    </section>
  );
}
