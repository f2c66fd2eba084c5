/** One node: its state, its problems, what was done on it, its newest results, what it is. */
import { useParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, on, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { ApiError } from "../../lib/api.ts";
import { api, isStale, live } from "../../lib/app.ts";
import { formatBytes, formatDuration } from "../../lib/format.model.ts";
import { locale, text } from "../../lib/i18n.ts";
import type { NodeItem, Result } from "../../lib/types.ts";
import { marksOf, nodeLook } from "../fleet/fleet.model.ts";
import { NodeMeters } from "../fleet/node-list.tsx";
import { IntentList } from "../intents/intent-list.tsx";
import { compareIntents } from "../intents/intent.model.ts";
import { ProblemList } from "../problems/problem-list.tsx";
import { compareProblems, intentsByProblem, openProblems } from "../problems/problem.model.ts";
import { compareResults } from "./result.model.ts";
import { ResultList } from "./result-list.tsx";

const ROWS = 20;

export default function NodePage() {
  const params = useParams<{ id: string }>();
  const node = () => live.data.nodes.items.find((one) => one.id === params.id);
  const problems = createMemo(() =>
    openProblems(live.data.problems.items)
      .filter((problem) => problem.node === params.id)
      .sort(compareProblems),
  );
  const intents = createMemo(() =>
    live.data.intents.items.filter((intent) => intent.node === params.id).sort(compareIntents),
  );

  return (
    <QueryView
      state={live.data.nodes}
      stale={isStale()}
      isEmpty={node() === undefined}
      skeleton={<Skeleton rows={6} />}
      onRetry={live.refresh}
      empty={<Empty icon="question" title={text().node.missing} body={text().node.missingBody} />}
    >
      <Show when={node()}>{(known) => <Head node={known()} />}</Show>
      <div class="mt-5 grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div class="grid min-w-0 gap-5">
          <Panel title={text().problem.open} count={problems().length}>
            <QueryView
              state={live.data.problems}
              isEmpty={problems().length === 0}
              onRetry={live.refresh}
              empty={<Empty small title={text().problem.empty} />}
            >
              <ProblemList problems={problems()} intents={intentsByProblem(intents())} rows={ROWS} />
            </QueryView>
          </Panel>
          <Panel title={text().intent.list}>
            <QueryView
              state={live.data.intents}
              isEmpty={intents().length === 0}
              onRetry={live.refresh}
              empty={<Empty small icon="wrench" title={text().intent.empty} />}
            >
              <IntentList intents={intents()} rows={ROWS} />
            </QueryView>
          </Panel>
          <Results id={params.id} reportedAt={node()?.lastReportAt ?? null} />
        </div>
        <Panel title={text().node.facts}>
          <div class="px-4 py-3">
            <Show when={node()}>{(known) => <NodeFacts node={known()} />}</Show>
          </div>
        </Panel>
      </div>
    </QueryView>
  );
}

function Head(props: { node: NodeItem }) {
  const marks = createMemo(() => marksOf(live.data.problems.items, live.data.intents.items));
  return (
    <header class="flex flex-wrap items-end gap-x-4 gap-y-2">
      <div class="min-w-0">
        <a href="/" class="inline-flex h-6 items-center gap-1 text-sm text-muted hover:text-ink">
          <Icon name="arrow-left" class="size-3.5" />
          {text().nav.fleet}
        </a>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-1">
          <h2 class="truncate text-xl font-semibold tracking-tight">{props.node.name}</h2>
          <Status look={nodeLook(props.node, marks(), text())} />
          <Show when={props.node.repairs === false}>
            <Badge tone="warn">{text().fleet.repairsOff}</Badge>
          </Show>
        </div>
      </div>
      <div class="ml-auto w-full sm:w-108">
        <NodeMeters node={props.node} />
      </div>
    </header>
  );
}

/** The newest results, asked for again with each report of the node. */
function Results(props: { id: string; reportedAt: string | null }) {
  const [results, setResults] = createSignal<Result[] | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const load = async () => {
    try {
      const detail = await api.node(props.id);
      setResults(detail.latest.toSorted(compareResults));
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  createEffect(on([() => props.id, () => props.reportedAt], load));
  return (
    <Panel title={text().node.results} count={results()?.length}>
      <QueryView
        state={{ ready: results() !== null, error: error() }}
        isEmpty={results()?.length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-9" />}
        onRetry={() => void load()}
        empty={
          <Empty small icon="clock" title={text().node.resultsNone} body={text().node.resultsNoneBody} />
        }
      >
        <ResultList results={results() ?? []} />
      </QueryView>
    </Panel>
  );
}

function NodeFacts(props: { node: NodeItem }) {
  const t = () => text().node;
  const labels = () => Object.entries(props.node.labels);
  return (
    <Facts>
      <Show when={props.node.os}>{(os) => <Fact name={t().system}>{os()}</Fact>}</Show>
      <Show when={props.node.kernel}>{(kernel) => <Fact name={t().kernel}>{kernel()}</Fact>}</Show>
      <Show when={props.node.cpuCount}>{(count) => <Fact name={t().cpus}>{count()}</Fact>}</Show>
      <Show when={props.node.memoryBytes}>
        {(bytes) => <Fact name={t().memory}>{formatBytes(bytes())}</Fact>}
      </Show>
      <Show when={props.node.uptimeSeconds}>
        {(seconds) => <Fact name={t().uptime}>{formatDuration(seconds() * 1000, locale())}</Fact>}
      </Show>
      <Show when={props.node.group}>{(group) => <Fact name={t().group}>{group()}</Fact>}</Show>
      <Show when={props.node.tags.length > 0}>
        <Fact name={t().tags}>{props.node.tags.join(", ")}</Fact>
      </Show>
      <Show when={labels().length > 0}>
        <Fact name={t().labels}>
          {labels()
            .map(([name, value]) => `${name}=${value}`)
            .join(", ")}
        </Fact>
      </Show>
      <Show when={props.node.repairs !== null}>
        <Fact name={t().repairs}>{props.node.repairs ? t().allowed : t().forbidden}</Fact>
      </Show>
      <Show when={props.node.version}>{(version) => <Fact name={t().version}>{version()}</Fact>}</Show>
      <Fact name={t().seen}>
        <Time at={props.node.lastSeenAt} />
      </Fact>
      <Fact name={t().joined}>
        <Time at={props.node.firstSeenAt} show="point" />
      </Fact>
      <Fact name={t().id}>
        <IdText id={props.node.id} />
      </Fact>
    </Facts>
  );
}
