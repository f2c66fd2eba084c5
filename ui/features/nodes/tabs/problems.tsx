import { Show } from "solid-js";
import { More } from "../../../kit/more.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { live } from "../../../data/app.ts";
import type { Paged } from "../../../data/paged.ts";
import type { Intent, Problem } from "../../../data/types.ts";
import { ProblemList } from "../../problems/problem-list.tsx";
import { intentsByProblem } from "../../problems/problem.model.ts";
import { text } from "../texts.ts";

const ROWS = 50;

/** Open problems of a node, and those that are over. */
export function NodeProblems(props: {
  open: Problem[];
  intents: Intent[];
  resolved: Problem[];
  over: { state: Paged<Problem>; more: () => void; reload: () => void };
}) {
  return (
    <div class="grid gap-5">
      <Panel title={text().problem.open} count={props.open.length}>
        <QueryView
          state={live.data.problems}
          isEmpty={props.open.length === 0}
          onRetry={live.refresh}
          empty={<Empty small title={text().problem.empty} body={text().problem.emptyBody} />}
        >
          <ProblemList problems={props.open} intents={intentsByProblem(props.intents)} rows={ROWS} />
        </QueryView>
      </Panel>
      <Panel title={text().problem.resolved}>
        <QueryView
          state={props.over.state}
          isEmpty={props.resolved.length === 0}
          skeleton={<Skeleton rows={4} rowClass="h-14" />}
          onRetry={props.over.reload}
          empty={<Empty small icon="history" title={text().problem.noneResolved} />}
        >
          <ProblemList problems={props.resolved} intents={new Map()} rows={ROWS} />
          <Show when={props.over.state.next}>
            <More label={text().common.moreRows} onMore={props.over.more} />
          </Show>
        </QueryView>
      </Panel>
    </div>
  );
}
