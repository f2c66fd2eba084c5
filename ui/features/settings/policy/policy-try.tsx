/** A text over past decisions, page by page; beside it what is in force. Nothing changes by it. */
import { createSignal, For, onCleanup, Show } from "solid-js";
import { Button } from "../../../kit/button.tsx";
import { Icon } from "../../../kit/icon.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Select } from "../../../kit/select.tsx";
import { Empty, errorText } from "../../../kit/states.tsx";
import { FormError } from "../../../kit/field.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import { ApiError } from "../../../data/api.ts";
import { now } from "../../../lib/clock.ts";
import { type BacktestCase, type BacktestResult, policyApi } from "./policy.api.ts";
import { addUp, testedShare, worthALine } from "./policy.model.ts";
import { text } from "./texts.ts";

const SPANS = ["7", "30", "90", "365"] as const;
type Span = (typeof SPANS)[number];
const DAY_MS = 86_400_000;
const SHOWN = 100;

export interface Tried extends BacktestResult {
  /** The text that was tried. */
  of: string;
}

export function createTry() {
  const [result, setResult] = createSignal<Tried | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string | null>(null);
  let turn = 0;
  async function run(of: string, days: number): Promise<void> {
    const mine = ++turn;
    setBusy(true);
    setFailure(null);
    setResult(null);
    const since = new Date(now() - days * DAY_MS).toISOString();
    try {
      let all: BacktestResult | null = null;
      do {
        all = addUp(all, await policyApi.test(of, since, all?.next ?? ""));
        if (mine !== turn) return;
        setResult({ ...all, of });
      } while (all.next !== null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === turn) setFailure(errorText(error));
    } finally {
      if (mine === turn) setBusy(false);
    }
  }
  const stop = () => {
    turn += 1;
    setBusy(false);
  };
  onCleanup(stop);
  return { result, busy, failure, run, stop };
}
export type Try = ReturnType<typeof createTry>;

export function PolicyTry(props: { attempt: Try; text: string; disabled: boolean }) {
  const t = () => text().policy;
  const [span, setSpan] = createSignal<Span>("90");
  return (
    <Panel
      title={t().tryTitle}
      actions={
        <>
          <Select
            small
            class="w-25"
            label={t().span}
            options={SPANS.map((id) => ({ id, label: t().spans[id] }))}
            value={span()}
            onChoose={setSpan}
          />
          <Show
            when={props.attempt.busy()}
            fallback={
              <Button
                small
                icon="play"
                disabled={props.disabled}
                onClick={() => void props.attempt.run(props.text, Number(span()))}
              >
                {t().try}
              </Button>
            }
          >
            <Button small icon="x" onClick={() => props.attempt.stop()}>
              {t().stop}
            </Button>
          </Show>
        </>
      }
    >
      <div>
        <Show when={props.attempt.busy()}>
          <Progress result={props.attempt.result()} />
        </Show>
        <Show when={props.attempt.failure()}>
          <div class="p-3">
            <FormError message={props.attempt.failure()} />
          </div>
        </Show>
        <Show
          when={props.attempt.result()}
          fallback={
            <Show when={!props.attempt.busy() && props.attempt.failure() === null}>
              <p class="px-4 py-3 text-muted text-pretty">{t().tryBody}</p>
            </Show>
          }
        >
          {(known) => (
            <Show
              when={known().summary.cases > 0}
              fallback={
                <Show when={!props.attempt.busy()}>
                  <Empty small icon="history" title={t().tryEmpty} body={t().tryEmptyBody} />
                </Show>
              }
            >
              <div classList={{ "is-old": known().of !== props.text }}>
                <Result result={known()} isOld={known().of !== props.text} />
              </div>
            </Show>
          )}
        </Show>
      </div>
    </Panel>
  );
}

function Progress(props: { result: BacktestResult | null }) {
  const share = () => (props.result === null ? 0 : testedShare(props.result, now()));
  const label = () => text().policy.comparing(props.result?.summary.cases ?? 0);
  return (
    <div class="flex items-center gap-3 border-b border-line px-4 py-2 text-sm text-muted">
      <Icon name="loader" class="size-3.5 spin" />
      <span class="tabular-nums">{label()}</span>
      <progress class="h-1.5 min-w-0 flex-1 accent-accent" max={1} value={share()} aria-label={label()} />
    </div>
  );
}

function Result(props: { result: BacktestResult; isOld: boolean }) {
  const t = () => text().policy;
  const lines = () => worthALine(props.result);
  return (
    <>
      <div class="px-4 py-3">
        <p role="status" class="flex flex-wrap items-baseline gap-x-3">
          <span class="font-medium">{t().tried(props.result.summary.cases, props.result.changed)}</span>
          <Show when={props.isOld}>
            <span class="text-sm text-warn">{t().ofOtherText}</span>
          </Show>
        </p>
        <p
          class="mt-1 flex items-start gap-1.5"
          classList={{ "text-ok": props.result.summary.ok, "text-bad": !props.result.summary.ok }}
        >
          <Icon
            name={props.result.summary.ok ? "check-circle" : "problem"}
            class="mt-0.75 size-3.5 shrink-0"
          />
          {props.result.summary.ok ? t().ok : t().notOk}
        </p>
        <p class="mt-1 text-sm text-muted">{t().spared(props.result.summary.spared)}</p>
      </div>
      <Show
        when={lines().length > 0}
        fallback={<p class="border-t border-line px-4 py-3 text-muted">{t().noChange}</p>}
      >
        <div class="border-t border-line">
          <Table
            label={t().tryTitle}
            head={
              <>
                <Th>{t().decision}</Th>
                <Th class="max-sm:hidden">{t().now}</Th>
                <Th>{t().would}</Th>
                <Th class="max-sm:hidden">{t().outcome}</Th>
              </>
            }
          >
            <For each={lines().slice(0, SHOWN)}>{(one) => <Case one={one} />}</For>
          </Table>
          <Show when={lines().length > SHOWN}>
            <p class="border-t border-line px-4 py-2 text-sm text-muted">
              {t().shownOf(SHOWN, lines().length)}
            </p>
          </Show>
        </div>
      </Show>
    </>
  );
}

function Case(props: { one: BacktestCase }) {
  const t = () => text().policy;
  return (
    <Tr>
      <Td class="w-full max-w-0">
        <a
          href={`/decisions/${props.one.id}?state=answered`}
          class="block truncate font-medium hover:underline"
        >
          {props.one.nodeName} · {props.one.repair}
        </a>
        <p class="truncate text-sm text-muted">
          <Time at={props.one.at} />
          <Show when={props.one.finding}>
            {(finding) => <span class="text-bad"> · {t().findings[finding()]}</span>}
          </Show>
        </p>
      </Td>
      <Td class="whitespace-nowrap text-muted max-sm:hidden">{t().words[props.one.inForce]}</Td>
      <Td class="whitespace-nowrap">
        {t().words[props.one.would]}
        <Show when={props.one.rule}>
          {(rule) => <code class="block max-w-40 truncate text-sm text-muted">{rule()}</code>}
        </Show>
      </Td>
      <Td class="whitespace-nowrap text-muted max-sm:hidden">{text().decision.states[props.one.was]}</Td>
    </Tr>
  );
}
