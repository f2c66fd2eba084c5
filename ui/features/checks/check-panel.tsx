/** One check of one node: what it does, how its last runs went; run it, pause it. */
import { createEffect, createMemo, createResource, createSignal, For, on, Show } from "solid-js";
import { createAct } from "../../kit/act.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { Select } from "../../kit/select.tsx";
import { Empty, errorText, QueryView, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api, live, mayAct } from "../../data/app.ts";
import { now, serverNow } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { ResultList } from "../nodes/result-list.tsx";
import { compareResults } from "../nodes/result.model.ts";
import type { Check, Inspection, Result } from "../../data/types.ts";
import { checkLook, isBeingConfirmed, isOverdue, PAUSES, runLook, type Pause } from "./check.model.ts";
import { runChecks } from "./run-checks.ts";
import { text } from "./texts.ts";

const RUNS = 20;

export function CheckPanel(props: { check: Check | undefined; onClose: () => void; onChanged: () => void }) {
  return (
    <Dialog
      form="sheet"
      open={props.check !== undefined}
      onClose={props.onClose}
      title={props.check?.id ?? ""}
    >
      <Show when={props.check}>{(check) => <Body check={check()} onChanged={props.onChanged} />}</Show>
    </Dialog>
  );
}

function Body(props: { check: Check; onChanged: () => void }) {
  const t = () => text().checks;
  const c = () => text().checks.columns;
  return (
    <div class="flex flex-col gap-6">
      <div>
        <Status look={checkLook(props.check, text())} />
        <h3 class="mt-2 text-md font-medium text-pretty">{props.check.summary}</h3>
        <Show when={isBeingConfirmed(props.check, live.data.problems.items)}>
          <p class="mt-1 text-pretty text-muted">
            {t().confirming(formatDuration(props.check.confirmSeconds * 1000, locale()))}
          </p>
        </Show>
        <Show when={props.check.reason}>
          {(reason) => <p class="mt-1 text-pretty text-warn">{reason()}</p>}
        </Show>
      </div>
      <Show when={mayAct()}>
        <Acts check={props.check} onChanged={props.onChanged} />
      </Show>
      <Facts>
        <Fact name={c().node}>
          <a href={`/nodes/${props.check.node}?tab=checks`} class="text-accent hover:underline">
            {props.check.nodeName}
          </a>
        </Fact>
        <Fact name={c().plugin}>{props.check.plugin}</Fact>
        <Fact name={c().interval}>
          {props.check.intervalSeconds === null
            ? props.check.schedule
            : formatDuration(props.check.intervalSeconds * 1000, locale())}
        </Fact>
        <Fact name={t().confirm}>
          {props.check.confirmSeconds === 0
            ? t().atOnce
            : formatDuration(props.check.confirmSeconds * 1000, locale())}
        </Fact>
        <Show when={props.check.nextRunAt}>
          {(at) => (
            <Fact name={t().next}>
              <Show when={isOverdue(at(), now())} fallback={<NextRun at={at()} />}>
                <span class="text-warn">
                  {t().overdue} <Time at={at()} show="point" />
                </span>
              </Show>
            </Fact>
          )}
        </Show>
        <Fact name={t().runs}>{t().runCount(props.check.runs, props.check.failures)}</Fact>
      </Facts>
      <Found check={props.check} />
      <History check={props.check} />
    </div>
  );
}

/** Checks that are due at the same time run one after the other: a moment late is due, not in the past. */
function NextRun(props: { at: string }) {
  return (
    <Show when={Date.parse(props.at) > now()} fallback={text().checks.dueNow}>
      <Time at={props.at} />
    </Show>
  );
}

function Acts(props: { check: Check; onChanged: () => void }) {
  const [pause, setPause] = createSignal<Pause>("1h");
  const acting = createAct(async (work: () => Promise<unknown>, done: string | null) => {
    await work();
    if (done !== null) toast(done);
    props.onChanged();
  });
  const t = () => text().checks;
  const isConnected = () =>
    live.data.nodes.items.find((node) => node.id === props.check.node)?.connected !== false;
  const act = async (work: () => Promise<unknown>, done: string | null) => {
    const refusal = await acting.run(work, done);
    if (refusal !== null) toast(errorText(refusal), "bad");
  };
  const runNow = () => {
    const { node, id } = props.check;
    void act(() => runChecks(node, id), null);
  };
  const resumeNow = () => {
    const { node, id } = props.check;
    void act(() => api.resumeCheck(id, node), t().resumedNow(id));
  };
  const pauseNow = () => {
    const { node, id } = props.check;
    const ms = PAUSES[pause()];
    const until = ms === null ? null : new Date(serverNow() + ms).toISOString();
    void act(() => api.pauseCheck(id, node, until), t().pausedNow(id));
  };
  return (
    <div class="flex flex-wrap items-center gap-2">
      <Button
        kind="primary"
        icon="play"
        busy={acting.busy()}
        disabled={!isConnected() || props.check.state !== "active"}
        title={isConnected() ? undefined : text().nodeTab.offlineHint}
        onClick={runNow}
      >
        {text().nodeTab.run}
      </Button>
      <Show
        when={props.check.state !== "paused"}
        fallback={
          <Button icon="play" disabled={!isConnected()} onClick={resumeNow}>
            {t().resume}
          </Button>
        }
      >
        <span class="ml-auto flex items-center gap-2">
          <Button icon="pause" disabled={!isConnected()} onClick={pauseNow}>
            {t().pause}
          </Button>
          <Select
            small
            class="w-36"
            label={t().pauseFor}
            options={(Object.keys(PAUSES) as Pause[]).map((id) => ({ id, label: t().pauses[id] }))}
            value={pause()}
            onChoose={setPause}
          />
        </span>
      </Show>
    </div>
  );
}

/** What its last run said of each target that is not well. */
function Found(props: { check: Check }) {
  const found = createMemo(() => `${props.check.node} ${props.check.id} ${props.check.lastRunAt}`);
  const [results] = createResource(found, async (): Promise<Result[]> => {
    const { node, name, instance } = props.check;
    try {
      const { latest } = await api.node(node);
      return latest.filter((one) => one.check === name && one.instance === instance && one.status !== "ok");
    } catch (cause) {
      if (cause instanceof ApiError) return [];
      throw cause;
    }
  });
  return (
    <Show when={(results.latest?.length ?? 0) > 0}>
      <Section title={text().checks.found}>
        <div class="overflow-hidden rounded-md border border-line">
          <ResultList results={results.latest?.toSorted(compareResults) ?? []} />
        </div>
      </Section>
    </Show>
  );
}

/** Its last runs, asked for again after each new one. */
function History(props: { check: Check }) {
  const [runs, setRuns] = createSignal<Inspection[] | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const load = async () => {
    const { node, name, instance } = props.check;
    try {
      setRuns((await api.list("inspections", { node, check: name, instance, limit: RUNS })).items);
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    }
  };
  createEffect(
    on(
      () => `${props.check.node} ${props.check.id} ${props.check.lastRunAt}`,
      () => void load(),
    ),
  );
  return (
    <Section title={text().checks.history}>
      <QueryView
        state={{ ready: runs() !== null, error: error() }}
        isEmpty={runs()?.length === 0}
        skeleton={<Skeleton rows={5} rowClass="h-8" />}
        onRetry={() => void load()}
        empty={
          <Empty small icon="history" title={text().checks.historyNone} body={text().checks.historyBody} />
        }
      >
        <ol>
          <For each={runs()}>
            {(run) => (
              <li class="flex min-h-8 items-center gap-3 border-line py-1 not-last:border-b">
                <Status look={runLook(run, text())} class="w-28 shrink-0" quiet={run.status === "ok"} />
                <span class="min-w-0 flex-1 truncate text-sm text-muted" title={run.error ?? undefined}>
                  {run.error ?? text().nodeTab.triggers[run.trigger]}
                  <Show when={run.durationSeconds}>
                    {(seconds) => ` · ${formatDuration(seconds() * 1000, locale())}`}
                  </Show>
                </span>
                <Time at={run.startedAt} show="point" class="text-sm text-muted" />
              </li>
            )}
          </For>
        </ol>
      </QueryView>
    </Section>
  );
}
