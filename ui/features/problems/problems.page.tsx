/** All problems: the open ones by urgency, live; or the resolved ones, page by page. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { live, openProblemCount } from "../../data/app.ts";
import { createFurther } from "../../data/further.ts";
import { createPaged } from "../../data/paged.ts";
import {
  filterOf,
  fitsFilter,
  isFiltering,
  serverFilter,
  type ProblemFilter,
  type ProblemSearch,
} from "./problem-filter.model.ts";
import { ProblemFilters } from "./problem-filters.tsx";
import { ConfirmingLine } from "./confirming.tsx";
import { ProblemList } from "./problem-list.tsx";
import { compareProblems, compareResolved, intentsByProblem, openProblems } from "./problem.model.ts";
import { text } from "./texts.ts";

const ROWS = 50;

export default function ProblemsPage() {
  const [search] = useSearchParams<Record<"state" | keyof ProblemSearch, string>>();
  const filter = createMemo(() => filterOf(search));
  /** Another filter is another list for the server. */
  const resolved = () => search.state === "resolved" && JSON.stringify(serverFilter(filter()));
  return (
    <Show when={resolved()} keyed fallback={<OpenProblems filter={filter()} />}>
      {(_filter) => <ResolvedProblems filter={filter()} />}
    </Show>
  );
}

function StateTabs(props: { state: "open" | "resolved" }) {
  const [, setSearch] = useSearchParams<{ state?: string }>();
  return (
    <Tabs
      label={text().nav.problems}
      options={(["open", "resolved"] as const).map((id) => ({ id, label: text().problem.states[id] }))}
      value={props.state}
      onChoose={(next) => setSearch({ state: next === "open" ? undefined : next }, { scroll: false })}
    />
  );
}

function OpenProblems(props: { filter: ProblemFilter }) {
  const all = createMemo(() => openProblems(live.data.problems.items).sort(compareProblems));
  const open = createMemo(() => all().filter((problem) => fitsFilter(problem, props.filter)));
  const count = () => (isFiltering(props.filter) ? open().length : openProblemCount(open().length));
  /** Of thousands the newest are here; the others are asked for as the end of the list comes near. */
  const further = createFurther("problems", {
    stages: () => [{ state: "open", ...serverFilter(props.filter) }],
    active: () => openProblemCount(all().length) > all().length,
  });
  return (
    <Panel
      title={text().problem.states.open}
      count={live.data.problems.ready ? count() : undefined}
      actions={<StateTabs state="open" />}
    >
      <ConfirmingLine nodes={live.data.nodes.items} class="border-b border-line px-4 py-2" />
      <Show when={all().length > 1 || isFiltering(props.filter)}>
        <ProblemFilters />
      </Show>
      <QueryView
        state={live.data.problems}
        isEmpty={open().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          isFiltering(props.filter) ? (
            <NoMatch />
          ) : (
            <Empty
              title={text().problem.empty}
              body={text().problem.emptyBody}
              command={text().problem.emptyCommand}
            />
          )
        }
      >
        <ProblemList
          problems={open()}
          intents={intentsByProblem(live.data.intents.items)}
          rows={ROWS}
          onEnd={further.more}
        />
      </QueryView>
    </Panel>
  );
}

function NoMatch() {
  const [, setSearch] = useSearchParams<Record<keyof ProblemSearch, string>>();
  const clear = () =>
    setSearch({ q: undefined, severity: undefined, level: undefined }, { replace: true, scroll: false });
  return (
    <Empty icon="search" title={text().problem.filter.noMatch}>
      <Button class="mt-4" onClick={clear}>
        {text().fleet.clear}
      </Button>
    </Empty>
  );
}

function ResolvedProblems(props: { filter: ProblemFilter }) {
  const paged = createPaged("problems", () => ({ state: "resolved", ...serverFilter(props.filter) }));
  const resolved = createMemo(() =>
    paged.state.items.filter((problem) => fitsFilter(problem, props.filter)).sort(compareResolved),
  );
  return (
    <Panel
      title={text().problem.states.resolved}
      count={paged.state.ready ? resolved().length : undefined}
      actions={<StateTabs state="resolved" />}
    >
      <ProblemFilters />
      <QueryView
        state={paged.state}
        isEmpty={resolved().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={paged.reload}
        empty={
          isFiltering(props.filter) ? (
            <NoMatch />
          ) : (
            <Empty icon="history" title={text().problem.noneResolved} />
          )
        }
      >
        <ProblemList problems={resolved()} intents={new Map()} rows={ROWS} />
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}
