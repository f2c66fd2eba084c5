/** Everything about one problem, in reading order: what, what now, limits, what was tried, how it came. */
import { For, Show } from "solid-js";
import { createAct } from "../../kit/act.ts";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Pips } from "../../kit/meter.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { errorText } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { now } from "../../lib/clock.ts";
import { api, mayAct } from "../../data/app.ts";
import type { Intent, Problem } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { checkId } from "../checks/check-id.ts";
import { runChecks } from "../checks/run-checks.ts";
import { DecideLink } from "../decisions/decide-link.tsx";
import { intentLook } from "../intents/intent.model.ts";
import { EvidenceList } from "./evidence-list.tsx";
import {
  eventWord,
  guardLines,
  mayBeRetried,
  severityLook,
  stageLook,
  stageOf,
  withNames,
} from "./problem.model.ts";
import { text } from "./texts.ts";

export function ProblemDetail(props: { problem: Problem; intents: Intent[] }) {
  const t = () => text().problem;
  const stage = () => stageOf(props.problem, props.intents[0]);
  return (
    <article class="flex flex-col gap-6">
      <header>
        <p class="flex items-center gap-2">
          <Status look={severityLook(props.problem, text())} class="font-medium" />
          <Badge title={text().level[props.problem.level]}>{props.problem.level}</Badge>
          <Show when={props.problem.flapping}>
            <Badge tone="unknown">{t().flapping}</Badge>
          </Show>
          <Time at={props.problem.openedAt} class="ml-auto text-sm text-muted" />
        </p>
        <Show when={props.problem.state === "open"}>
          <p class="mt-1.5 text-sm text-pretty text-muted">
            {props.problem.level}: {text().level[props.problem.level]}
          </p>
        </Show>
        <h3 class="mt-2 text-lg font-semibold break-words">{props.problem.summary}</h3>
        <p class="mt-1 text-muted">
          <a
            href={`/nodes/${props.problem.node}`}
            class="underline decoration-line-strong underline-offset-3 hover:text-ink"
          >
            {props.problem.nodeName}
          </a>{" "}
          · {props.problem.target}
        </p>
      </header>

      <Section title={t().now}>
        <div class="rounded-md border border-line px-3 py-2.5">
          <Status look={stageLook(stage(), props.problem, text())} class="font-medium" />
          <p class="mt-1 text-muted">
            {withNames(
              (["held", "person", "proposed"].includes(stage()) ? props.problem.guards.holdText : null) ??
                props.problem.resolution ??
                text().level[props.problem.level],
              props.intents,
            )}
          </p>
          <Show when={props.problem.becauseOf}>
            {(id) => (
              <DetailLink
                to={{ kind: "problem", id: id() }}
                class="mt-1 inline-block text-accent hover:underline"
              >
                {t().becauseOf}
              </DetailLink>
            )}
          </Show>
          <Show when={props.problem.state === "open"}>
            <Acts problem={props.problem} />
          </Show>
        </div>
      </Section>

      <Show when={props.problem.state === "open"}>
        <Section title={text().problem.guards}>
          <Guards problem={props.problem} />
        </Section>
      </Show>

      <Section title={t().repairs}>
        <Show when={props.intents.length > 0} fallback={<p class="text-muted">{t().repairsNone}</p>}>
          <ul class="overflow-hidden rounded-md border border-line">
            <For each={props.intents}>
              {(intent) => (
                <li class="border-line not-last:border-b">
                  <DetailLink
                    to={{ kind: "intent", id: intent.id }}
                    class="flex items-center gap-3 px-3 py-2 hover:bg-hover focus-visible:-outline-offset-2"
                  >
                    <span class="min-w-0 flex-1 truncate">{intent.summary}</span>
                    <Status look={intentLook(intent, text())} />
                    <Time at={intent.createdAt} class="w-16 text-right text-sm text-muted" />
                  </DetailLink>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Section>

      <Section title={t().events}>
        <ol class="flex flex-col gap-2">
          <For each={props.problem.events.toReversed()}>
            {(event) => (
              <li class="flex gap-3">
                <Time at={event.at} show="point" class="w-24 shrink-0 text-sm leading-5 text-faint" />
                <p class="min-w-0 break-words">
                  <span class="text-muted">{eventWord(event.kind, text())}</span>{" "}
                  {withNames(event.text, props.intents)}
                </p>
              </li>
            )}
          </For>
        </ol>
      </Section>

      <Section title={t().evidence}>
        <Show
          when={props.problem.evidence.length > 0}
          fallback={<p class="text-muted">{t().evidenceNone}</p>}
        >
          <p class="mb-2 text-muted">{t().evidenceBody(props.problem.evidence.length)}</p>
          <EvidenceList ids={props.problem.evidence} node={props.problem.node} />
        </Show>
      </Section>

      <Section title={t().facts}>
        <ProblemFacts problem={props.problem} />
      </Section>
    </article>
  );
}

/** What a person can do about it from here. */
function Acts(props: { problem: Problem }) {
  const retrying = createAct(async () => {
    const { id, node } = props.problem;
    await api.call("POST", `problems/${id}/retry`, { node });
    toast(text().problem.retried);
  });
  const retry = async () => {
    const refusal = await retrying.run();
    if (refusal !== null) toast(errorText(refusal), "bad");
  };
  const running = createAct(() => runChecks(props.problem.node, checkId(props.problem)));
  return (
    <div class="flex flex-wrap gap-2 not-empty:mt-2.5">
      <DecideLink intent={props.problem.intentId} />
      <Show when={mayAct()}>
        <Show when={mayBeRetried(props.problem)}>
          <Button icon="wrench" busy={retrying.busy()} onClick={() => void retry()}>
            {text().problem.retry}
          </Button>
        </Show>
        <Button icon="play" busy={running.busy()} onClick={() => void running.run()}>
          {text().problem.again}
        </Button>
      </Show>
    </div>
  );
}

/** More of them are a number, not a picture. */
const MOST_PIPS = 12;

function Guards(props: { problem: Problem }) {
  return (
    <dl class="overflow-hidden rounded-md border border-line">
      <For each={guardLines(props.problem, now(), text())}>
        {(line) => (
          <div class="flex min-h-9 flex-wrap items-center gap-x-3 border-line px-3 py-1.5 not-last:border-b">
            <dt class="w-28 text-muted">{line.name}</dt>
            <dd class="flex min-w-0 flex-1 flex-wrap items-center gap-x-3">
              <Show when={line.max !== undefined && line.max <= MOST_PIPS && line.max}>
                {(max) => (
                  <Pips
                    used={line.used ?? 0}
                    max={max()}
                    tone={line.used === max() ? "bad" : "accent"}
                    label={line.value}
                  />
                )}
              </Show>
              <span>{line.value}</span>
              <Show when={line.until}>
                {(until) => (
                  <span class="text-muted">
                    {line.untilWord} <Time at={until()} show="point" />
                  </span>
                )}
              </Show>
            </dd>
          </div>
        )}
      </For>
    </dl>
  );
}

function ProblemFacts(props: { problem: Problem }) {
  const t = () => text().problem;
  const labels = () => Object.entries(props.problem.labels);
  return (
    <Facts>
      <Fact name={t().check}>
        {props.problem.check}
        <Show when={props.problem.instance !== "default"}> / {props.problem.instance}</Show>
      </Fact>
      <Fact name={t().type}>
        <code>{props.problem.type}</code>
      </Fact>
      <Show when={props.problem.owner}>
        {(owner) => (
          <Fact name={t().owner}>
            <code>{owner()}</code>
          </Fact>
        )}
      </Show>
      <Fact name={t().opened}>
        <Time at={props.problem.openedAt} show="moment" />
      </Fact>
      <Fact name={t().updated}>
        <Time at={props.problem.updatedAt} show="moment" />
      </Fact>
      <Show when={props.problem.resolvedAt}>
        {(at) => (
          <Fact name={t().ended}>
            <Time at={at()} show="moment" />
          </Fact>
        )}
      </Show>
      <Show when={props.problem.tags.length > 0}>
        <Fact name={t().tags}>{props.problem.tags.join(", ")}</Fact>
      </Show>
      <Show when={labels().length > 0}>
        <Fact name={t().labels}>
          {labels()
            .map(([name, value]) => `${name}=${value}`)
            .join(", ")}
        </Fact>
      </Show>
    </Facts>
  );
}
