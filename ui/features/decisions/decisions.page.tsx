/** The inbox: what waits on the left, everything about one of them on the right; on a phone one after the other. */
import { Key } from "@solid-primitives/keyed";
import { useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, type JSX, on, Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_TITLE } from "../../kit/table.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import { live } from "../../data/app.ts";
import { now } from "../../lib/clock.ts";
import { formatClock, formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { createPaged } from "../../data/paged.ts";
import type { Decision } from "../../data/types.ts";
import { DecisionCard } from "./decision-card.tsx";
import { Ladder } from "./ladder.tsx";
import { compareAnswered, comparePending, riskLook, sentence, stateLook, whereOf } from "./decision.model.ts";
import { text } from "./texts.ts";

type Shown = "waiting" | "answered";
const HOUR_MS = 3_600_000;
const SOON_MS = HOUR_MS / 2;

export default function DecisionsPage() {
  const [search] = useSearchParams<{ state?: string }>();
  return (
    <Show when={search.state === "answered"} fallback={<Waiting />}>
      <Answered />
    </Show>
  );
}

function Waiting() {
  const params = useParams<{ id?: string }>();
  const navigate = useNavigate();
  const pending = createMemo(() =>
    live.data.decisions.items.filter(({ state }) => state === "pending").sort(comparePending),
  );
  const repaired = () =>
    live.data.intents.items.filter(
      ({ kind, state, level }) => kind === "repair" && state === "verified" && level === "L1",
    ).length;
  // On a wide screen something is always open; on a phone the list comes first.
  createEffect(
    on([pending, () => params.id], ([list, id]) => {
      if (id === undefined && list.length > 0 && matchMedia("(min-width: 1024px)").matches)
        navigate(`/decisions/${list[0]!.id}`, { replace: true, scroll: false });
    }),
  );
  return (
    <Split
      shown="waiting"
      ids={pending().map(({ id }) => id)}
      count={live.data.decisions.ready ? pending().length : undefined}
    >
      <QueryView
        state={live.data.decisions}
        isEmpty={pending().length === 0}
        skeleton={<Skeleton rows={4} rowClass="h-16" />}
        onRetry={live.refresh}
        empty={
          <Empty title={text().decision.empty} body={text().decision.emptyBody(repaired())}>
            <a href="/timeline" class="mt-3 text-accent hover:underline">
              {text().decision.emptyLink}
            </a>
          </Empty>
        }
      >
        <Rows decisions={pending()} />
      </QueryView>
    </Split>
  );
}

function Answered() {
  const paged = createPaged("decisions", () => ({ state: "approved,rejected,expired" }));
  const answered = createMemo(() => paged.state.items.toSorted(compareAnswered));
  return (
    <Split shown="answered" ids={answered().map(({ id }) => id)} count={undefined}>
      <QueryView
        state={paged.state}
        isEmpty={answered().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-16" />}
        onRetry={paged.reload}
        empty={<Empty icon="history" title={text().decision.noneAnswered} />}
      >
        <Rows decisions={answered()} />
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Split>
  );
}

function Split(props: { shown: Shown; ids: string[]; count: number | undefined; children: JSX.Element }) {
  const params = useParams<{ id?: string }>();
  const [, setSearch] = useSearchParams<{ state?: string }>();
  return (
    <div class="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[380px_minmax(0,1fr)]">
      <div classList={{ "max-lg:hidden": params.id !== undefined }}>
        <Panel
          title={text().nav.decisions}
          count={props.count}
          actions={
            <Tabs
              label={text().nav.decisions}
              options={(["waiting", "answered"] as const).map((id) => ({ id, label: text().decision[id] }))}
              value={props.shown}
              onChoose={(next) =>
                setSearch({ state: next === "waiting" ? undefined : next }, { scroll: false })
              }
            />
          }
        >
          {props.children}
        </Panel>
        <Ladder />
      </div>
      <Show
        when={params.id}
        keyed
        fallback={
          <Show when={props.ids.length > 0}>
            <p class="rounded-lg border border-line px-4 py-16 text-center text-muted max-lg:hidden">
              {text().decision.choose}
            </p>
          </Show>
        }
      >
        {(id) => <DecisionCard id={id} ids={props.ids} shown={props.shown} />}
      </Show>
    </div>
  );
}

function Rows(props: { decisions: Decision[] }) {
  return (
    <ul>
      <Key each={props.decisions} by="id">
        {(decision) => <Row decision={decision()} />}
      </Key>
    </ul>
  );
}

function Row(props: { decision: Decision }) {
  const params = useParams<{ id?: string }>();
  const [search] = useSearchParams<{ state?: string }>();
  const isOpen = () => params.id === props.decision.id;
  const risk = () => riskLook(props.decision, text());
  const query = () => (search.state === undefined ? "" : `?state=${search.state}`);
  return (
    <li
      class="relative flex gap-2.5 border-line px-4 py-2.5 not-last:border-b hover:bg-hover"
      classList={{ "bg-hover": isOpen(), "opacity-70": props.decision.state === "expired" }}
    >
      <Icon name={risk().icon} class={`mt-0.5 size-4 shrink-0 ${TONE_TEXT[risk().tone]}`} />
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-3">
          <a
            href={`/decisions/${props.decision.id}${query()}`}
            noScroll
            class={ROW_TITLE}
            aria-current={isOpen() ? "true" : undefined}
          >
            {sentence(props.decision)}
          </a>
          <Left decision={props.decision} />
        </p>
        <p class="mt-0.5 flex items-center gap-2 text-sm text-muted">
          <span class={TONE_TEXT[risk().tone]}>{risk().word}</span>
          <span class="min-w-0 flex-1 truncate">{whereOf(props.decision).join(" · ")}</span>
          <Show
            when={props.decision.state === "pending"}
            fallback={<Status look={stateLook(props.decision, text())} />}
          >
            <Show when={props.decision.peopleNeeded > 1}>
              <span class="shrink-0 tabular-nums">
                {props.decision.approvals}/{props.decision.peopleNeeded}
              </span>
            </Show>
          </Show>
        </p>
      </div>
    </li>
  );
}

/** Time that is left, or when it was answered. */
function Left(props: { decision: Decision }) {
  const ms = () => Date.parse(props.decision.expiresAt) - now();
  return (
    <Show
      when={props.decision.state === "pending"}
      fallback={
        <Time
          at={props.decision.decidedAt ?? props.decision.createdAt}
          class="ml-auto shrink-0 text-sm text-muted"
        />
      }
    >
      <span
        class="ml-auto shrink-0 text-sm tabular-nums"
        classList={{ "text-warn": ms() < SOON_MS, "text-muted": ms() >= SOON_MS }}
      >
        {ms() < HOUR_MS ? formatClock(Math.max(0, ms())) : formatDuration(ms(), locale())}
      </span>
    </Show>
  );
}
