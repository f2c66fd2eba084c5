/** One node: its state, its problems, what was done on it, what it is. */
import { useParams } from "@solidjs/router";
import { createMemo, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { Meter } from "../../kit/meter.tsx";
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { live } from "../../lib/app.ts";
import { now } from "../../lib/clock.ts";
import { text } from "../../lib/i18n.ts";
import type { NodeItem } from "../../lib/types.ts";
import { nodeLook, repairingNodes } from "../fleet/fleet.model.ts";
import { IntentList } from "../intents/intent-list.tsx";
import { compareIntents } from "../intents/intent.model.ts";
import { ProblemList } from "../problems/problem-list.tsx";
import { compareProblems, intentsByProblem, openProblems } from "../problems/problem.model.ts";

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
  const newest = createMemo(() => intentsByProblem(intents()));
  const stale = createMemo(() => ["stale", "offline"].includes(live.connection(now()).kind));

  return (
    <QueryView
      state={live.data.nodes}
      stale={stale()}
      isEmpty={node() === undefined}
      skeleton={<Skeleton rows={6} />}
      onRetry={live.refresh}
      empty={<Empty icon="question" title={text().node.missing} body={text().node.missingBody} />}
    >
      <Show when={node()}>{(known) => <Head node={known()} />}</Show>
      <div class="mt-5 grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div class="grid min-w-0 gap-5">
          <Panel title={text().problem.open} count={problems().length}>
            <QueryView
              state={live.data.problems}
              isEmpty={problems().length === 0}
              onRetry={live.refresh}
              empty={<Empty title={text().problem.empty} body={text().problem.emptyBody} />}
            >
              <ProblemList problems={problems()} intents={newest()} rows={ROWS} />
            </QueryView>
          </Panel>
          <Panel title={text().intent.list}>
            <QueryView
              state={live.data.intents}
              isEmpty={intents().length === 0}
              onRetry={live.refresh}
              empty={<Empty icon="wrench" title={text().intent.empty} body={text().intent.emptyBody} />}
            >
              <IntentList intents={intents()} rows={ROWS} />
            </QueryView>
          </Panel>
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
  const repairing = createMemo(() => repairingNodes(live.data.intents.items));
  const c = () => text().fleet.columns;
  return (
    <header class="flex flex-wrap items-center gap-x-4 gap-y-3">
      <div class="min-w-0">
        <a href="/" class="inline-flex items-center gap-1 text-sm text-muted hover:text-ink">
          <Icon name="arrow-left" class="size-3.5" />
          {text().nav.fleet}
        </a>
        <h2 class="truncate text-xl font-semibold tracking-tight">{props.node.name}</h2>
      </div>
      <Status look={nodeLook(props.node, repairing().has(props.node.id), text())} class="self-end pb-1" />
      <Show when={!props.node.repairs}>
        <Badge tone="warn">{text().fleet.repairsOff}</Badge>
      </Show>
      <dl class="ml-auto grid w-full grid-cols-3 gap-6 self-end text-sm sm:w-108">
        <Reading name={c().cpu} ratio={props.node.metrics?.cpuRatio} />
        <Reading name={c().memory} ratio={props.node.metrics?.memoryRatio} />
        <Reading name={c().disk} ratio={props.node.metrics?.diskRatio} />
      </dl>
    </header>
  );
}

function Reading(props: { name: string; ratio: number | undefined }) {
  return (
    <div>
      <dt class="text-muted">{props.name}</dt>
      <dd class="text-base">
        <Meter label={props.name} ratio={props.ratio} class="[&>:first-child]:(w-auto min-w-8 text-left)" />
      </dd>
    </div>
  );
}

function NodeFacts(props: { node: NodeItem }) {
  const t = () => text().node;
  const labels = () => Object.entries(props.node.labels);
  return (
    <Facts>
      <Fact name={t().system}>{props.node.os}</Fact>
      <Fact name={t().kernel}>{props.node.kernel}</Fact>
      <Fact name={t().version}>{props.node.version}</Fact>
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
      <Fact name={t().repairs}>{props.node.repairs ? t().allowed : t().forbidden}</Fact>
      <Fact name={t().seen}>
        <Show when={props.node.lastSeenAt} fallback={text().fleet.never}>
          {(at) => <Time at={at()} />}
        </Show>
      </Fact>
      <Fact name={t().id}>
        <IdText id={props.node.id} />
      </Fact>
    </Facts>
  );
}
