/** For a monitor on a wall: the whole fleet on one screen, to be read from across the room. Nothing to press, nothing to scroll. */
import { createMemo, For, Match, Show, Switch } from "solid-js";
import { Pill } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Logo } from "../../kit/logo.tsx";
import { Empty, ErrorState, Skeleton } from "../../kit/states.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import { live, settings } from "../../data/app.ts";
import { createFurther } from "../../data/further.ts";
import { now } from "../../lib/clock.ts";
import { formatCount } from "../../lib/format.model.ts";
import { dateFormat } from "../../lib/formats.ts";
import { repairsWord } from "../../shell/autonomy-switch.tsx";
import { ConnectionPill, StaleBanner } from "../../shell/connection-pill.tsx";
import { locale } from "../../texts/i18n.ts";
import { fleetCounts, isPartial, stateMarks } from "../fleet/fleet-counts.ts";
import { BUCKETS, needsPerson, nodeStages } from "../fleet/fleet.model.ts";
import { needCount, needs } from "../fleet/needs.ts";
import { BUCKET_LOOKS } from "../fleet/tiles.tsx";
import { scaleToScreen } from "./room.ts";
import { Needs, Nodes, Repairs } from "./wall-parts.tsx";
import { text } from "./texts.ts";

export default function WallPage() {
  scaleToScreen();
  const { nodes } = live.data;
  const isEmpty = () => nodes.ready && nodes.items.length === 0;
  return (
    <div class="flex min-h-dvh flex-col gap-4 px-4 py-4 lg:(h-dvh overflow-hidden px-6)">
      <Top />
      <StaleBanner />
      <main id="content" class="flex min-h-0 flex-1 flex-col">
        <Switch fallback={<Loading />}>
          <Match when={isEmpty()}>
            <Empty
              icon="server"
              title={text().fleet.empty}
              body={text().fleet.emptyBody}
              command={text().fleet.emptyCommand}
            />
          </Match>
          <Match when={nodes.ready}>
            <Board />
          </Match>
          <Match when={nodes.error}>{(error) => <ErrorState error={error()} onRetry={live.refresh} />}</Match>
        </Switch>
      </main>
    </div>
  );
}

/** What one reads first: whether anybody is needed, how fresh that is, and what time it is. */
function Top() {
  const minute = createMemo(() => Math.floor(now() / 60_000) * 60_000);
  const clock = () =>
    dateFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(minute());
  const tone = () => {
    if (needCount() === 0) return "ok";
    return needs().some((need) => need.tone === "bad") ? "bad" : "warn";
  };
  const says = () =>
    needCount() === 0
      ? text().needs.calm
      : text().wall.needYou(needCount(), formatCount(needCount(), locale()));
  return (
    <header class="flex flex-wrap items-center gap-x-4 gap-y-2">
      <a href="/" aria-label={text().wall.leave} title={text().wall.leave} class="rounded-md p-1">
        <Logo class="size-7" />
      </a>
      <h1 class="of-now flex items-center gap-2.5 text-xl font-semibold tracking-tight">
        <Show when={live.data.nodes.items.length > 0 && live.data.problems.ready} fallback="Cortex">
          <Icon name={tone() === "ok" ? "check-circle" : "person"} class={`size-5 ${TONE_TEXT[tone()]}`} />
          {says()}
        </Show>
      </h1>
      <span class="ml-auto flex items-center gap-2">
        <ConnectionPill />
        <Show when={settings()}>
          {(known) => (
            <span class="of-now">
              <Pill tone={known().repairs ? "idle" : "warn"}>
                <Icon name={known().repairs ? "shield" : "shield-off"} class="size-3.5" />
                {repairsWord(known(), text())}
              </Pill>
            </span>
          )}
        </Show>
      </span>
      <time class="text-2xl font-medium tracking-tight tabular-nums">{clock()}</time>
    </header>
  );
}

function Board() {
  // A large fleet is not here whole: what needs looking at is asked for first.
  createFurther("nodes", { stages: () => nodeStages(null, ""), active: isPartial });
  return (
    <div class="flex min-h-0 flex-1 flex-col gap-4">
      <Numbers />
      <div class="grid min-h-0 grid-cols-[minmax(0,1fr)] gap-4 lg:(flex-1 grid-cols-[minmax(0,1fr)_26rem])">
        <Nodes />
        <div class="flex min-h-0 flex-col gap-4">
          <Needs />
          <Repairs />
        </div>
      </div>
    </div>
  );
}

function Numbers() {
  const counts = createMemo(fleetCounts);
  const urgent = () => needsPerson(live.data.nodes.items, stateMarks());
  return (
    <dl
      aria-label={text().fleet.summary}
      class="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line bg-clip-padding sm:grid-cols-5"
    >
      <For each={BUCKETS}>
        {(bucket) => {
          const calm = () => counts()[bucket] === 0;
          const tone = () => (bucket === "degraded" && urgent() ? "bad" : BUCKET_LOOKS[bucket].tone);
          return (
            <div class="flex items-center gap-3 bg-surface px-4 py-2.5 max-sm:last:col-span-2">
              <dt class="flex items-center gap-1.5 text-md text-muted">
                <Icon
                  name={BUCKET_LOOKS[bucket].icon}
                  class={`size-4 ${calm() ? "text-faint" : TONE_TEXT[tone()]}`}
                />
                {text().fleet.buckets[bucket]}
              </dt>
              <dd
                class="ml-auto text-2xl font-medium tracking-tight tabular-nums"
                classList={{ "text-faint": calm() }}
              >
                {formatCount(counts()[bucket], locale())}
              </dd>
            </div>
          );
        }}
      </For>
    </dl>
  );
}

function Loading() {
  return (
    <div class="flex flex-col gap-4">
      <For each={[1, 8]}>
        {(rows) => (
          <div class="overflow-hidden rounded-lg border border-line">
            <Skeleton rows={rows} rowClass="h-14" />
          </div>
        )}
      </For>
    </div>
  );
}
