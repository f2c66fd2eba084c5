/** One node: its state, and in parts what it measured, checks, repairs, keeps and is configured to do. */
import { useLocation, useParams, useSearchParams } from "@solidjs/router";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  lazy,
  Match,
  on,
  onMount,
  Show,
  Suspense,
  Switch,
} from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { ApiError } from "../../data/api.ts";
import { api, live } from "../../data/app.ts";
import { sameItems } from "../../data/collection.ts";
import { useHeading } from "../../lib/going.ts";
import { whenIdle } from "../../lib/idle.ts";
import { createPaged } from "../../data/paged.ts";
import type { NodeItem } from "../../data/types.ts";
import { showCrumb } from "../../shell/crumb.ts";
import { marksOf, nodeLook } from "../fleet/fleet.model.ts";
import { NodeMeters } from "../fleet/node-parts.tsx";
import { mergeIntents } from "../intents/intent.model.ts";
import { ConfirmingLine } from "../problems/confirming.tsx";
import { compareProblems, mergeProblems, openProblems } from "../problems/problem.model.ts";
import { NODE_TABS, nodeTabHref, nodeTabOf, type NodeTab } from "./tab.model.ts";
import { Overview } from "./tabs/overview.tsx";
import { NodeProblems } from "./tabs/problems.tsx";
import { text } from "./texts.ts";

// Fetched when nothing else is to do: the charts come first, and the tabs are there also while the Monitor is away.
const NodeChecks = lazy(() => import("./tabs/checks.tsx").then((tab) => ({ default: tab.NodeChecks })));
const NodeConfig = lazy(() => import("./tabs/config.tsx").then((tab) => ({ default: tab.NodeConfig })));
const NodeEvidence = lazy(() => import("./tabs/evidence.tsx").then((tab) => ({ default: tab.NodeEvidence })));
const NodeRepairs = lazy(() => import("./tabs/repairs.tsx").then((tab) => ({ default: tab.NodeRepairs })));
const NodeReports = lazy(() => import("./tabs/reports.tsx").then((tab) => ({ default: tab.NodeReports })));
const LAZY_TABS = [NodeChecks, NodeRepairs, NodeEvidence, NodeReports, NodeConfig];

export default function NodePage() {
  const params = useParams<{ id: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <OneNode id={id} />}
    </Show>
  );
}

function OneNode(props: { id: string }) {
  const { node, error, load } = createNode(() => props.id);
  showCrumb(() => node()?.name);
  /** There is none, or it can't be: asking again would not help. */
  const isMissing = () => [400, 404, 422].includes(error()?.status ?? 0);
  return (
    <QueryView
      state={{ ready: node() !== undefined || isMissing(), error: error() }}
      isEmpty={node() === undefined}
      skeleton={<Loading />}
      onRetry={() => void load()}
      empty={
        <Empty icon="question" title={text().node.missing} body={text().node.missingBody}>
          <a href="/" class="mt-4 inline-flex min-h-6 items-center gap-1 text-accent hover:underline">
            {text().common.back}
            <Icon name="arrow-right" class="size-3.5" />
          </a>
        </Empty>
      }
    >
      <Show when={node()}>
        {(known) => (
          <>
            <Head node={known()} />
            <Show when={known().state === "revoked"}>
              <p class="mt-3 text-muted">{text().node.revoked}</p>
            </Show>
            <ConfirmingLine nodes={[known()]} class="mt-3" />
            <Parts node={known()} />
          </>
        )}
      </Show>
    </QueryView>
  );
}

/** The page's own proportions: header, tabs, one panel, charts. */
function Loading() {
  return (
    <div role="status" aria-label={text().common.loading}>
      <div class="flex h-13 items-end">
        <span class="skeleton h-6 w-48" />
      </div>
      <div class="mt-4 mb-5 flex h-9 items-center gap-6 border-b border-line px-2.5">
        <For each={NODE_TABS}>{() => <span class="skeleton h-3 w-14" />}</For>
      </div>
      <For each={["h-28", "h-120"]}>
        {(height) => (
          <>
            <span class="skeleton mb-4 block h-3 w-32" />
            <div class={`mb-5 rounded-lg border border-line ${height}`} />
          </>
        )}
      </For>
    </div>
  );
}

/** From the live data, which keeps it young; a large fleet is not all there, then it is asked for. */
function createNode(id: () => string) {
  const [fetched, setFetched] = createSignal<NodeItem | undefined>();
  const [error, setError] = createSignal<ApiError | null>(null);
  const find = createMemo(() => live.data.nodes.items.find((one) => one.id === id()));
  const load = async () => {
    try {
      setFetched(await api.node(id()));
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  const settled = () => live.data.nodes.ready || live.data.nodes.error !== null;
  createEffect(on([settled, id], ([known]) => known && find() === undefined && load()));
  return { node: () => find() ?? fetched(), error, load };
}

function Parts(props: { node: NodeItem }) {
  const [search] = useSearchParams<{ tab?: string }>();
  const tab = () => nodeTabOf(search.tab);
  const past = createPaged("intents", () => ({ node: props.node.id }));
  const over = createPaged("problems", () => ({ node: props.node.id, state: "resolved" }));
  const ownIntents = createMemo(
    () => live.data.intents.items.filter((intent) => intent.node === props.node.id),
    [],
    { equals: sameItems },
  );
  const intents = createMemo(() => mergeIntents(ownIntents(), past.state.items));
  // The live lists change with every node of the fleet: what is of this one is told only when it changed.
  const known = createMemo(
    () => live.data.problems.items.filter((problem) => problem.node === props.node.id),
    [],
    { equals: sameItems },
  );
  const open = createMemo(() => openProblems(known()).sort(compareProblems));
  const resolved = createMemo(() =>
    mergeProblems(
      known().filter((problem) => problem.state === "resolved"),
      over.state.items,
    ),
  );
  const counts = (): Partial<Record<NodeTab, number>> => ({ problems: open().length });
  onMount(() => whenIdle(() => LAZY_TABS.forEach((tab) => tab.preload().catch(() => undefined))));

  return (
    <>
      <TabBar tab={tab()} counts={counts()} />
      <Suspense fallback={<Skeleton rows={6} />}>
        <Switch>
          <Match when={tab() === "overview"}>
            <Overview node={props.node} open={open()} resolved={resolved()} intents={intents()} />
          </Match>
          <Match when={tab() === "checks"}>
            <NodeChecks node={props.node} />
          </Match>
          <Match when={tab() === "problems"}>
            <NodeProblems open={open()} resolved={resolved()} intents={intents()} over={over} />
          </Match>
          <Match when={tab() === "repairs"}>
            <NodeRepairs node={props.node} intents={intents()} past={past} />
          </Match>
          <Match when={tab() === "evidence"}>
            <NodeEvidence problems={[...open(), ...resolved()]} over={over} />
          </Match>
          <Match when={tab() === "reports"}>
            <NodeReports node={props.node.id} />
          </Match>
          <Match when={tab() === "config"}>
            <NodeConfig node={props.node.id} />
          </Match>
        </Switch>
      </Suspense>
    </>
  );
}

/** On a phone the bar is longer than the screen; the page itself must not move. */
const bringIntoView = (link: HTMLElement) =>
  requestAnimationFrame(() => {
    const bar = link.parentElement;
    bar?.scrollTo({ left: link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.clientWidth) / 2 });
  });

function TabBar(props: { tab: NodeTab; counts: Partial<Record<NodeTab, number>> }) {
  const location = useLocation();
  const heading = useHeading();
  const current = () =>
    heading.pathname === location.pathname ? nodeTabOf(heading.query.get("tab") ?? undefined) : props.tab;
  return (
    <nav
      aria-label={text().nodeTab.label}
      class="-mx-4 mt-4 mb-5 flex gap-1 overflow-x-auto overflow-y-hidden [scrollbar-width:none] border-b border-line px-4 max-sm:(pr-10 [mask-image:linear-gradient(to_right,#000_calc(100%-40px),transparent)]) sm:(mx-0 px-0)"
    >
      <For each={NODE_TABS}>
        {(tab) => (
          <a
            href={nodeTabHref(tab)}
            noScroll
            aria-current={current() === tab ? "page" : undefined}
            ref={(link) => createEffect(() => current() === tab && bringIntoView(link))}
            class="-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-muted hover:text-ink focus-visible:-outline-offset-2 aria-[current]:(border-accent font-medium text-ink)"
          >
            {text().nodeTab.tabs[tab]}
            <Show when={props.counts[tab]}>
              {(count) => <span class="text-sm font-normal text-faint">{count()}</span>}
            </Show>
          </a>
        )}
      </For>
    </nav>
  );
}

function Head(props: { node: NodeItem }) {
  const marks = createMemo(() => marksOf(live.data.problems.items, live.data.intents.items));
  return (
    <header class="flex flex-wrap items-end gap-x-4 gap-y-2">
      <div class="min-w-0">
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
