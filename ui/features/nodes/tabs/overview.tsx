/** The state of a node at a glance: what is wrong, how it went, what was done, what it is. */
import { Show } from "solid-js";
import { IdText } from "../../../kit/id-text.tsx";
import { Fact, Facts, Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView } from "../../../kit/states.tsx";
import { Time } from "../../../kit/time.tsx";
import { live } from "../../../data/app.ts";
import { formatBytes, formatDuration } from "../../../lib/format.model.ts";
import { locale } from "../../../texts/i18n.ts";
import type { Intent, NodeItem, Problem } from "../../../data/types.ts";
import { IntentList } from "../../intents/intent-list.tsx";
import { ProblemList } from "../../problems/problem-list.tsx";
import { intentsByProblem } from "../../problems/problem.model.ts";
import { NodeCharts } from "../node-charts.tsx";
import { NodeHeat } from "../node-heat.tsx";
import { text } from "../texts.ts";

const ROWS = 5;

export function Overview(props: { node: NodeItem; open: Problem[]; resolved: Problem[]; intents: Intent[] }) {
  return (
    <div class="grid gap-5">
      {/* Nothing wrong needs no panel: the state in the header says so. */}
      <Show when={props.open.length > 0}>
        <Panel title={text().problem.open} count={props.open.length}>
          <ProblemList problems={props.open} intents={intentsByProblem(props.intents)} rows={ROWS} />
        </Panel>
      </Show>
      <NodeHeat node={props.node} />
      <NodeCharts node={props.node} problems={[...props.open, ...props.resolved]} intents={props.intents} />
      <div class="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
        <Panel title={text().intent.list}>
          <QueryView
            state={live.data.intents}
            isEmpty={props.intents.length === 0}
            onRetry={live.refresh}
            empty={<Empty small icon="wrench" title={text().intent.empty} />}
          >
            <IntentList intents={props.intents} rows={ROWS} />
          </QueryView>
        </Panel>
        <Panel title={text().node.facts}>
          <div class="px-4 py-3">
            <NodeFacts node={props.node} />
          </div>
        </Panel>
      </div>
    </div>
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
