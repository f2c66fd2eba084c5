/** All problems: the open ones by urgency, live; or the resolved ones, page by page. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, Show } from "solid-js";
import { More } from "../../kit/more.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { isStale, live } from "../../lib/app.ts";
import { text } from "../../lib/i18n.ts";
import { createPaged } from "../../lib/paged.ts";
import { ProblemList } from "./problem-list.tsx";
import { compareProblems, compareResolved, intentsByProblem, openProblems } from "./problem.model.ts";

const ROWS = 50;

export default function ProblemsPage() {
  const [search] = useSearchParams<{ state?: string }>();
  return (
    <Show when={search.state === "resolved"} fallback={<OpenProblems />}>
      <ResolvedProblems />
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

function OpenProblems() {
  const open = createMemo(() => openProblems(live.data.problems.items).sort(compareProblems));
  return (
    <Panel
      title={text().problem.states.open}
      count={live.data.problems.ready ? open().length : undefined}
      actions={<StateTabs state="open" />}
    >
      <QueryView
        state={live.data.problems}
        stale={isStale()}
        isEmpty={open().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          <Empty
            title={text().problem.empty}
            body={text().problem.emptyBody}
            command={text().problem.emptyCommand}
          />
        }
      >
        <ProblemList problems={open()} intents={intentsByProblem(live.data.intents.items)} rows={ROWS} />
      </QueryView>
    </Panel>
  );
}

function ResolvedProblems() {
  const paged = createPaged("problems", () => ({ state: "resolved" }));
  const resolved = createMemo(() => paged.state.items.toSorted(compareResolved));
  return (
    <Panel
      title={text().problem.states.resolved}
      count={paged.state.ready ? resolved().length : undefined}
      actions={<StateTabs state="resolved" />}
    >
      <QueryView
        state={paged.state}
        isEmpty={resolved().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={paged.reload}
        empty={<Empty icon="history" title={text().problem.noneResolved} />}
      >
        <ProblemList problems={resolved()} intents={new Map()} rows={ROWS} />
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}
