/** Everything about one intent: the steps, what was planned, who decided, what came of it. */
import { For, Show, type JSX } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon, type IconName } from "../../kit/icon.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT, type Tone } from "../../kit/tone.tsx";
import { now } from "../../lib/clock.ts";
import { formatBytes, formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { Intent } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { DecideLink } from "../decisions/decide-link.tsx";
import { actorOf, deciderName, durationMs, intentLook, stepsOf, isSaid, toldAt } from "./intent.model.ts";
import { RunLine } from "./run-line.tsx";
import { Steps } from "./step-list.tsx";
import { text } from "./texts.ts";

export function IntentDetail(props: { intent: Intent }) {
  const t = () => text().intent;
  const steps = () => stepsOf(props.intent);
  return (
    <article class="flex flex-col gap-6">
      <header>
        <p class="flex items-center gap-2">
          <Status look={intentLook(props.intent, text())} class="font-medium" />
          <Badge title={text().level[props.intent.level]}>{props.intent.level}</Badge>
          <Show when={props.intent.class}>
            {(name) => <Badge title={t().classes[name()]}>{name()}</Badge>}
          </Show>
          <Time at={toldAt(props.intent)} class="ml-auto text-sm text-muted" />
        </p>
        {/* What the two marks mean, in words: nobody has to hover, and a phone can't. */}
        <Show when={props.intent.kind === "repair"}>
          <p class="mt-1.5 text-sm text-pretty text-muted">
            {props.intent.level}: {text().level[props.intent.level]}
            <Show when={props.intent.class}>
              {(name) => (
                <>
                  <br />
                  {name()}: {t().classes[name()]}
                </>
              )}
            </Show>
          </p>
        </Show>
        <h3 class="mt-2 text-lg font-semibold break-words">{props.intent.summary}</h3>
        <p class="mt-1 text-muted">
          <a
            href={`/nodes/${props.intent.node}`}
            class="underline decoration-line-strong underline-offset-3 hover:text-ink"
          >
            {props.intent.nodeName}
          </a>
          <Show when={props.intent.target}> · {props.intent.target}</Show>
        </p>
        <Show when={props.intent.problemId}>
          {(id) => (
            <DetailLink
              to={{ kind: "problem", id: id() }}
              class="mt-2 inline-flex items-center gap-1 text-accent hover:underline"
            >
              {t().openProblem}
              <Icon name="arrow-right" class="size-3.5" />
            </DetailLink>
          )}
        </Show>
        <DecideLink intent={props.intent.id} class="mt-3 flex w-fit" />
      </header>

      <Show when={steps().length > 0}>
        <Section title={t().way}>
          <Steps steps={steps()} />
        </Section>
      </Show>
      <Show when={props.intent.text !== ""}>
        <Section title={t().text}>
          <p class="break-words whitespace-pre-wrap">{props.intent.text}</p>
        </Section>
      </Show>
      <Show when={props.intent.kind === "repair"}>
        <Section title={t().plan}>
          <PlanView intent={props.intent} />
        </Section>
        <Section title={t().decisions}>
          <Decisions intent={props.intent} />
        </Section>
        <Section title={t().outcome}>
          <Outcome intent={props.intent} />
        </Section>
      </Show>
      <Section title={t().facts}>
        <IntentFacts intent={props.intent} />
      </Section>
    </article>
  );
}

function PlanView(props: { intent: Intent }) {
  return (
    <Show when={props.intent.plan} fallback={<p class="text-muted">{text().intent.planNone}</p>}>
      {(plan) => (
        <>
          <Show when={!isSaid(plan().summary, props.intent)}>
            <p class="break-words">{plan().summary}</p>
          </Show>
          <Show when={plan().promise}>
            {(promise) => (
              <p class="mt-1 text-muted">
                {text().intent.promise(formatBytes(promise().freedBytes), formatBytes(promise().totalBytes))}
              </p>
            )}
          </Show>
          <RunLine plan={plan()} class="mt-2" />
          <Show when={plan().changes.length > 0}>
            <ul class="mt-2 overflow-hidden rounded-md border border-line">
              <For each={plan().changes}>
                {(change) => (
                  <li class="flex flex-wrap items-center gap-x-2 border-line px-3 py-1.5 not-last:border-b">
                    <code class="min-w-0 break-all">{change.what}</code>
                    <span class="ml-auto flex items-center gap-2 text-muted">
                      {change.from}
                      <Show when={change.to !== undefined}>
                        <Icon name="arrow-right" class="size-3.5 text-faint" />
                        <span class="text-ink">{change.to}</span>
                      </Show>
                    </span>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </>
      )}
    </Show>
  );
}

const VERDICT_LOOKS: Record<Intent["decisions"][number]["verdict"], { icon: IconName; tone: Tone }> = {
  allow: { icon: "check", tone: "ok" },
  human: { icon: "person", tone: "warn" },
  deny: { icon: "ban", tone: "bad" },
};

function Decisions(props: { intent: Intent }) {
  return (
    <Show
      when={props.intent.decisions.length > 0}
      fallback={<p class="text-muted">{text().intent.decisionsNone}</p>}
    >
      <ol class="flex flex-col gap-2">
        <For each={props.intent.decisions}>
          {(decision) => (
            <Entry
              at={decision.at}
              icon={VERDICT_LOOKS[decision.verdict].icon}
              tone={VERDICT_LOOKS[decision.verdict].tone}
            >
              <span class="font-medium">{text().intent.verdicts[decision.verdict]}</span>{" "}
              <span class="text-muted">{deciderName(decision.decider, text())}</span>
              <span class="block text-muted">{decision.reason}</span>
            </Entry>
          )}
        </For>
      </ol>
    </Show>
  );
}

function Outcome(props: { intent: Intent }) {
  return (
    <Show
      when={props.intent.outcome.length > 0}
      fallback={<p class="text-muted">{text().intent.outcomeNone}</p>}
    >
      <ol class="flex flex-col gap-2">
        <For each={props.intent.outcome}>
          {(line) => (
            <Entry at={line.at} icon={line.ok ? "check-circle" : "x-circle"} tone={line.ok ? "ok" : "bad"}>
              <span class="font-medium">{text().intent.stepNames[line.step] ?? line.step}</span>{" "}
              <span class="sr-only">{line.ok ? text().intent.ok : text().intent.bad}</span>
              <span class="block break-words text-muted">{line.summary}</span>
            </Entry>
          )}
        </For>
      </ol>
    </Show>
  );
}

/** One line of a history: mark, words, time. */
function Entry(props: { at: string; icon: IconName; tone: Tone; children: JSX.Element }) {
  return (
    <li class="flex gap-2.5">
      <Icon name={props.icon} class={`mt-0.5 size-4 ${TONE_TEXT[props.tone]}`} />
      <p class="min-w-0 flex-1">{props.children}</p>
      <Time at={props.at} show="point" class="text-sm leading-5 text-faint" />
    </li>
  );
}

function IntentFacts(props: { intent: Intent }) {
  const t = () => text().intent;
  return (
    <Facts>
      <Show when={props.intent.repair}>
        {(name) => (
          <Fact name={t().repair}>
            <code>
              {name()}@{props.intent.repairVersion}
            </code>
          </Fact>
        )}
      </Show>
      <Show when={props.intent.attempt > 0}>
        <Fact name={t().attempt}>{props.intent.attempt}</Fact>
      </Show>
      <Fact name={t().actor}>{actorOf(props.intent.actor, text()).name}</Fact>
      <Show when={props.intent.kind === "repair" && durationMs(props.intent, now())}>
        {(ms) => <Fact name={t().took}>{formatDuration(ms(), locale())}</Fact>}
      </Show>
      <Show when={props.intent.state === "proposed" && props.intent.expiresAt}>
        {(at) => (
          <Fact name={t().lapses}>
            <Time at={at()} show="moment" />
          </Fact>
        )}
      </Show>
      <Show when={props.intent.watchUntil}>
        {(at) => (
          <Fact name={t().watched}>
            <Time at={at()} show="moment" />
          </Fact>
        )}
      </Show>
      <Show when={props.intent.hash}>
        {(hash) => (
          <Fact name={t().hash}>
            <IdText id={hash()} />
          </Fact>
        )}
      </Show>
      <Show when={props.intent.evidenceIds.length > 0}>
        <Fact name={text().problem.evidence}>
          <span class="flex flex-wrap gap-1.5">
            <For each={props.intent.evidenceIds}>{(id) => <IdText id={id} />}</For>
          </span>
        </Fact>
      </Show>
    </Facts>
  );
}
