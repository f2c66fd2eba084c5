/** What each check of a node said last, and the checks themselves, each to be run now. */
import { createEffect, createSignal, For, on, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../kit/button.tsx";
import { More } from "../../../kit/more.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Status } from "../../../kit/status.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import { ApiError } from "../../../data/api.ts";
import { api, mayAct } from "../../../data/app.ts";
import { formatDuration } from "../../../lib/format.model.ts";
import { locale } from "../../../texts/i18n.ts";
import { createPaged } from "../../../data/paged.ts";
import type { Check, NodeItem, Result } from "../../../data/types.ts";
import { checkLook, compareChecks } from "../../checks/check.model.ts";
import { runChecks } from "../../checks/run-checks.ts";
import { compareResults } from "../result.model.ts";
import { ResultList } from "../result-list.tsx";
import { text } from "../texts.ts";

export function NodeChecks(props: { node: NodeItem }) {
  return (
    <div class="grid gap-5">
      <Results id={props.node.id} reportedAt={props.node.lastReportAt} />
      <Checks node={props.node} />
    </div>
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

const LOOK_MS = 500;
const LOOKS = 20;

/** Ask for a run, then look until it is there: the button works as long as the check does. */
function createRuns(node: () => string, checks: () => readonly Check[], reload: () => void) {
  const [busy, setBusy] = createStore<Record<string, boolean>>({});
  const lastRun = (id: string) => checks().find((check) => check.id === id)?.lastRunAt;
  const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

  async function run(id: string | null): Promise<void> {
    const key = id ?? "*";
    if (busy[key] === true) return;
    const watched = id ?? checks().find((check) => check.state === "active")?.id ?? "";
    const before = lastRun(watched);
    setBusy(key, true);
    try {
      const asked = await runChecks(node(), id);
      for (let look = 0; asked && look < LOOKS && lastRun(watched) === before; look += 1) {
        await pause();
        reload();
      }
    } finally {
      setBusy(key, false);
    }
  }
  return { busy, run };
}

function Checks(props: { node: NodeItem }) {
  const paged = createPaged("checks", () => ({ node: props.node.id }));
  const sorted = () => paged.state.items.toSorted(compareChecks);
  const runs = createRuns(
    () => props.node.id,
    () => paged.state.items,
    paged.reload,
  );
  const t = () => text().nodeTab;
  return (
    <Panel
      title={text().nav.checks}
      count={paged.state.ready ? paged.state.items.length : undefined}
      actions={
        <Show when={mayAct() && props.node.state !== "revoked"}>
          <Button
            small
            icon="play"
            disabled={!props.node.connected}
            title={props.node.connected ? undefined : t().offlineHint}
            busy={runs.busy["*"] === true}
            onClick={() => void runs.run(null)}
          >
            {t().runAll}
          </Button>
        </Show>
      }
    >
      <QueryView
        state={paged.state}
        isEmpty={paged.state.items.length === 0}
        skeleton={<Skeleton rows={8} rowClass="h-9" />}
        onRetry={paged.reload}
        empty={<Empty icon="pulse" title={text().checks.empty} body={text().checks.emptyBody} />}
      >
        <Table label={text().nav.checks} head={<Head />}>
          <For each={sorted()}>
            {(check) => (
              <CheckRow
                check={check}
                offered={mayAct() && props.node.state !== "revoked"}
                connected={props.node.connected}
                busy={runs.busy[check.id] === true}
                onRun={() => void runs.run(check.id)}
              />
            )}
          </For>
        </Table>
        <Show when={paged.state.next}>
          <More label={text().common.moreRows} onMore={paged.more} />
        </Show>
      </QueryView>
    </Panel>
  );
}

function Head() {
  const c = () => text().checks.columns;
  return (
    <>
      <Th class="w-32">{c().status}</Th>
      <Th>{c().check}</Th>
      <Th class="w-24 text-right max-md:hidden">{c().interval}</Th>
      <Th class="w-24 text-right max-md:hidden">{c().took}</Th>
      <Th class="w-28 text-right max-sm:hidden">{c().last}</Th>
      <Th class="w-10">
        <span class="sr-only">{text().nodeTab.run}</span>
      </Th>
    </>
  );
}

function CheckRow(props: {
  check: Check;
  offered: boolean;
  connected: boolean;
  busy: boolean;
  onRun: () => void;
}) {
  return (
    <Tr>
      <Td>
        <Status look={checkLook(props.check, text())} quiet={props.check.status === "ok"} />
      </Td>
      <Td class="max-w-0 w-full py-1">
        <p class="truncate" title={props.check.summary}>
          <span class="font-medium">{props.check.id}</span>{" "}
          <span class="text-sm text-muted">{props.check.reason ?? props.check.summary}</span>
        </p>
      </Td>
      <Td class="text-right text-muted max-md:hidden">
        {props.check.intervalSeconds === null
          ? props.check.schedule
          : formatDuration(props.check.intervalSeconds * 1000, locale())}
      </Td>
      <Td class="text-right text-muted max-md:hidden">
        {props.check.lastDurationSeconds === null
          ? "–"
          : formatDuration(props.check.lastDurationSeconds * 1000, locale())}
      </Td>
      <Td class="text-right text-sm text-muted max-sm:hidden">
        <Show when={props.check.lastRunAt} fallback="–">
          {(at) => <Time at={at()} />}
        </Show>
      </Td>
      <Td class="py-1">
        <Show when={props.offered && props.check.state === "active"}>
          <Button
            kind="ghost"
            small
            icon="play"
            class="w-7 px-0"
            disabled={!props.connected}
            aria-label={text().nodeTab.runName(props.check.id)}
            title={props.connected ? text().nodeTab.run : text().nodeTab.offlineHint}
            busy={props.busy}
            onClick={() => props.onRun()}
          />
        </Show>
      </Td>
    </Tr>
  );
}
