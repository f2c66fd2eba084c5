/** All problems: the open ones by urgency, or the resolved ones newest first. */
import { useSearchParams } from "@solidjs/router";
import { createMemo } from "solid-js";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { live } from "../../lib/app.ts";
import { now } from "../../lib/clock.ts";
import { text } from "../../lib/i18n.ts";
import { ProblemList } from "./problem-list.tsx";
import { compareProblems, compareResolved, intentsByProblem } from "./problem.model.ts";

const ROWS = 50;

export default function ProblemsPage() {
  const [search, setSearch] = useSearchParams<{ state?: string }>();
  const state = () => (search.state === "resolved" ? "resolved" : "open");
  const shown = createMemo(() =>
    live.data.problems.items
      .filter((problem) => problem.state === state())
      .sort(state() === "open" ? compareProblems : compareResolved),
  );
  const newest = createMemo(() => intentsByProblem(live.data.intents.items));
  return (
    <Panel
      title={text().problem.states[state()]}
      count={live.data.problems.ready ? shown().length : undefined}
      actions={
        <Tabs
          label={text().nav.problems}
          options={(["open", "resolved"] as const).map((id) => ({ id, label: text().problem.states[id] }))}
          value={state()}
          onChoose={(next) => setSearch({ state: next === "open" ? undefined : next }, { scroll: false })}
        />
      }
    >
      <QueryView
        state={live.data.problems}
        stale={["stale", "offline"].includes(live.connection(now()).kind)}
        isEmpty={shown().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          state() === "open" ? (
            <Empty
              title={text().problem.empty}
              body={text().problem.emptyBody}
              command={text().problem.emptyCommand}
            />
          ) : (
            <Empty icon="history" title={text().problem.noneResolved} />
          )
        }
      >
        <ProblemList problems={shown()} intents={newest()} rows={ROWS} />
      </QueryView>
    </Panel>
  );
}
