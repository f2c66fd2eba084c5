/** Home: what needs you, the fleet in five numbers, then nodes, open problems and what was done about them. */
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Panel } from "../../kit/panel.tsx";
import { SearchField } from "../../kit/search-field.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { fleetSize, live, openProblemCount } from "../../data/app.ts";
import { createHeldList } from "../../lib/held-list.ts";
import { createFurther } from "../../data/further.ts";
import { onNextPaint } from "../../lib/after-paint.ts";
import { createParam, type Param } from "../../lib/param.ts";
import type { Intent } from "../../data/types.ts";
import { IntentList } from "../intents/intent-list.tsx";
import { compareIntents } from "../intents/intent.model.ts";
import { ConfirmingLine } from "../problems/confirming.tsx";
import { ProblemList } from "../problems/problem-list.tsx";
import { compareProblems, intentsByProblem, openProblems } from "../problems/problem.model.ts";
import { filterNodes, isBucket, listNodes, needsPerson, nodeStages, type Bucket } from "./fleet.model.ts";
import {
  arranged,
  labelNames,
  queryOf,
  sameView,
  viewOf,
  type FleetView,
  type Sort,
  type ViewQuery,
} from "./fleet-view.model.ts";
import { fleetCounts, isPartial, stateMarks } from "./fleet-counts.ts";
import { keptView } from "./kept-view.ts";
import { needCount, needs } from "./needs.ts";
import { NeedsYou } from "./needs-you.tsx";
import { NodeList } from "./node-list.tsx";
import { Tiles } from "./tiles.tsx";
import { ViewMenu } from "./view-menu.tsx";
import { text } from "./texts.ts";

const SIDE_ROWS = 12;
const LONG = 200;
/** What the screen is made of. */
const PARTS = ["nodes", "problems", "intents"] as const;

/** Parts below the first look, drawn so far: a frame for each, because all at once takes longer than a press may wait. */
const [drawn, setDrawn] = createSignal(0);
const BELOW = 3;

export default function FleetPage() {
  const intents = createMemo(() => live.data.intents.items.toSorted(compareIntents));
  /** Nothing has reported yet: only the next step is worth showing. */
  const isNew = () => live.data.nodes.ready && live.data.nodes.items.length === 0;
  const ready = () => PARTS.every((topic) => live.data[topic].ready);

  const state = createParam("state");
  /** Below a table of hundreds of rows nobody would find anything: it comes last, until a tile asks for it. */
  const isLong = createMemo(() => fleetSize() > LONG && !isBucket(state.settled()));

  /** All at once: parts that come one after the other would push each other around. */
  const settled = () => ready() || PARTS.some((topic) => live.data[topic].error !== null);

  createEffect(() => settled() && drawn() < BELOW && onCleanup(onNextPaint(() => setDrawn(drawn() + 1))));

  // Each is made once, and moved: to draw it anew would take longer than a press may.
  const nodes = (
    <Show when={drawn() >= (isLong() ? 3 : 1)}>
      <Nodes state={state} place={isLong()} />
    </Show>
  );
  const lists = (
    <div class="grid items-start gap-5 lg:grid-cols-2" hidden={isNew()}>
      <Show when={drawn() >= (isLong() ? 1 : 2)}>
        <OpenProblems />
      </Show>
      <Show when={drawn() >= (isLong() ? 2 : 3)}>
        <Intents intents={intents()} />
      </Show>
    </div>
  );

  return (
    <Show when={settled()} fallback={<Loading />}>
      <div class="flex flex-col gap-5">
        <Show when={ready() && !isNew()}>
          <div class="grid gap-2">
            <NeedsYou needs={needs()} count={needCount()} intents={intents()} />
            <ConfirmingLine nodes={live.data.nodes.items} class="px-4" />
          </div>
        </Show>
        <Show when={!live.data.nodes.ready || live.data.nodes.items.length > 0}>
          <FleetTiles state={state} />
        </Show>
        {isLong() ? [lists, nodes] : [nodes, lists]}
      </div>
    </Show>
  );
}

function Loading() {
  return (
    <div class="flex flex-col gap-5">
      <For each={[1, 2, 6, 4]}>
        {(rows) => (
          <div class="overflow-hidden rounded-lg border border-line">
            <Skeleton rows={rows} />
          </div>
        )}
      </For>
    </div>
  );
}

function Intents(props: { intents: Intent[] }) {
  return (
    <Panel title={text().intent.list}>
      <QueryView
        state={live.data.intents}
        isEmpty={props.intents.length === 0}
        skeleton={<Skeleton rows={4} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          <Empty
            icon="wrench"
            title={text().intent.empty}
            body={text().intent.emptyBody}
            command={text().intent.emptyCommand}
          />
        }
      >
        <IntentList intents={props.intents} rows={SIDE_ROWS} />
      </QueryView>
    </Panel>
  );
}

const bucketIn = (state: string): Bucket | null => (isBucket(state) ? state : null);

function FleetTiles(props: { state: Param }) {
  const counts = createMemo(fleetCounts);
  return (
    <Tiles
      counts={counts()}
      urgent={needsPerson(live.data.nodes.items, stateMarks())}
      ready={live.data.nodes.ready}
      chosen={bucketIn(props.state.value())}
      onChoose={(state) => props.state.set(state ?? "")}
    />
  );
}

function Nodes(props: { state: Param; place: unknown }) {
  const [search, setSearch] = useSearchParams<Record<keyof ViewQuery, string>>();
  const view = createMemo(() => viewOf(search, keptView()), undefined, { equals: sameView });
  const setView = (next: FleetView) =>
    setSearch({ ...queryOf(next, keptView()) }, { replace: true, scroll: false });
  const nodes = () => live.data.nodes.items;
  const words = createParam("q");
  const bucket = () => bucketIn(props.state.settled());
  const listed = createMemo(() => listNodes(nodes()));
  const list = createHeldList(
    createMemo(() => {
      const found = filterNodes(listed(), { bucket: bucket(), words: words.settled() }, stateMarks());
      return isPartial() ? found : arranged(found, view());
    }),
  );
  const further = createFurther("nodes", {
    stages: () => nodeStages(bucket(), words.settled()),
    active: isPartial,
  });
  const sortBy = (sort: Sort) => {
    list.release();
    setView({ ...view(), sort, reverse: view().sort === sort && !view().reverse });
  };
  const clear = () => {
    words.set("");
    props.state.set("");
  };

  return (
    <Panel
      title={text().fleet.nodes}
      count={live.data.nodes.ready ? fleetSize() : undefined}
      actions={
        <>
          <Show when={nodes().length > 1}>
            <SearchField label={text().fleet.filter} value={words.value()} onValue={words.set} />
          </Show>
          <Show when={nodes().length > 0}>
            <ViewMenu
              view={view()}
              labels={labelNames(nodes())}
              canSort={!isPartial()}
              onChange={(next) => {
                list.release();
                setView(next);
              }}
            />
          </Show>
        </>
      }
    >
      <QueryView
        state={live.data.nodes}
        isEmpty={nodes().length === 0}
        skeleton={<Skeleton rows={4} rowClass="h-9" />}
        onRetry={live.refresh}
        empty={
          <Empty
            icon="server"
            title={text().fleet.empty}
            body={text().fleet.emptyBody}
            command={text().fleet.emptyCommand}
          />
        }
      >
        <div {...list.hold}>
          <Show
            when={list.items().length > 0}
            fallback={
              <Empty icon="search" title={text().fleet.noMatch} body={text().fleet.noMatchBody}>
                <Button class="mt-4" onClick={clear}>
                  {text().fleet.clear}
                </Button>
              </Empty>
            }
          >
            <NodeList
              nodes={list.items()}
              marks={stateMarks()}
              view={view()}
              onSort={isPartial() ? undefined : sortBy}
              onEnd={further.more}
              place={props.place}
            />
          </Show>
        </div>
      </QueryView>
    </Panel>
  );
}

function OpenProblems() {
  const open = createMemo(() => openProblems(live.data.problems.items).sort(compareProblems));
  const newest = createMemo(() => intentsByProblem(live.data.intents.items));
  return (
    <Panel
      title={text().problem.open}
      count={live.data.problems.ready ? openProblemCount(open().length) : undefined}
    >
      <QueryView
        state={live.data.problems}
        isEmpty={open().length === 0}
        skeleton={<Skeleton rows={4} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          <Empty
            title={text().problem.empty}
            body={text().problem.emptyBody}
            command={text().problem.emptyCommand}
          />
        }
      >
        <ProblemList problems={open()} intents={newest()} rows={SIDE_ROWS} />
      </QueryView>
    </Panel>
  );
}
