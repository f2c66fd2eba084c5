/** Everything about one decision, in the order in which a person reads it before saying yes or no. */
import { createEffect, createMemo, createResource, For, on, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { Empty, ErrorState, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { ApiError } from "../../lib/api.ts";
import { api, isStale, live } from "../../lib/app.ts";
import { now } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../lib/i18n.ts";
import type { Decision, DecisionDetail } from "../../lib/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { formatCost, riskLook, sentence, stateLook, type Voice, voicesOf } from "./decision.model.ts";
import { VerdictBar } from "./verdict-bar.tsx";
import { text } from "./texts.ts";

export function DecisionCard(props: { id: string; ids: string[]; shown: "waiting" | "answered" }) {
  const [fetched, { refetch }] = createResource(
    () => props.id,
    async (id): Promise<DecisionDetail | ApiError> => {
      try {
        return (await api.one("decisions", id)) as DecisionDetail;
      } catch (error) {
        if (error instanceof ApiError) return error;
        throw error;
      }
    },
  );
  const known = () => live.data.decisions.items.find(({ id }) => id === props.id);
  const answer = () => fetched.latest;
  // The live data is younger; what it does not have (similar cases, answered ones) was asked for.
  const decision = createMemo((): Decision | null => {
    const asked = answer();
    const alive = known();
    return alive ?? (asked === undefined || asked instanceof ApiError ? null : asked);
  });
  createEffect(
    on(
      () => known()?.state,
      () => void refetch(),
      { defer: true },
    ),
  );
  const failure = () => {
    const asked = answer();
    return asked instanceof ApiError ? asked : null;
  };
  const similar = () => {
    const asked = answer();
    return asked === undefined || asked instanceof ApiError ? [] : asked.similar;
  };
  return (
    <Show
      when={decision()}
      fallback={
        <div class="rounded-lg border border-line bg-surface">
          <Show when={failure()} fallback={<Skeleton rows={6} rowClass="h-12" />}>
            {(error) => (
              <Show
                when={error().status === 404}
                fallback={<ErrorState error={error()} onRetry={() => void refetch()} />}
              >
                <Empty icon="question" title={text().decision.missing} body={text().decision.missingBody} />
              </Show>
            )}
          </Show>
        </div>
      }
    >
      {(shown) => (
        <article
          class="relative rounded-lg border border-line bg-surface"
          classList={{ "is-old": isStale() }}
          aria-labelledby="decision-title"
        >
          <Head decision={shown()} shown={props.shown} />
          <div class="flex flex-col gap-6 px-5 py-5">
            <What decision={shown()} />
            <Proposal decision={shown()} />
            <Said decision={shown()} />
            <Reach decision={shown()} />
            <Before similar={similar()} />
          </div>
          <VerdictBar decision={shown()} ids={props.ids} />
        </article>
      )}
    </Show>
  );
}

function Head(props: { decision: Decision; shown: "waiting" | "answered" }) {
  const left = () => Date.parse(props.decision.expiresAt) - now();
  return (
    <header class="border-b border-line px-5 py-4">
      <a
        href={`/decisions${props.shown === "answered" ? "?state=answered" : ""}`}
        class="mb-2 inline-flex min-h-6 items-center gap-1.5 text-sm text-muted hover:text-ink lg:hidden"
      >
        <Icon name="arrow-left" class="size-3.5" />
        {text().nav.decisions}
      </a>
      <p class="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Status look={stateLook(props.decision, text())} class="font-medium" />
        <Status look={riskLook(props.decision, text())} />
        <Badge>{props.decision.class}</Badge>
        <Show when={props.decision.state === "pending"}>
          <span class="text-sm text-muted sm:ml-auto">
            {text().decision.expires}{" "}
            <span class="tabular-nums">{formatDuration(Math.max(0, left()), locale())}</span>
          </span>
        </Show>
      </p>
      <h3 id="decision-title" class="mt-2 text-lg font-semibold break-words">
        {sentence(props.decision)}
      </h3>
      <p class="mt-1 text-muted">
        <a
          href={`/nodes/${props.decision.node}`}
          class="underline decoration-line-strong underline-offset-3 hover:text-ink"
        >
          {props.decision.nodeName}
        </a>{" "}
        · <code>{props.decision.repair}</code>
      </p>
      <Show when={props.decision.delivery}>
        {(delivery) => (
          <p
            class="mt-2 text-sm"
            classList={{
              "text-bad": delivery().state === "refused",
              "text-muted": delivery().state !== "refused",
            }}
          >
            {text().decision.deliveries[delivery().state]}
            <Show when={delivery().state === "refused"}>: {delivery().text}</Show>
          </p>
        )}
      </Show>
    </header>
  );
}

function What(props: { decision: Decision }) {
  return (
    <Show when={props.decision.problem}>
      {(problem) => (
        <Section title={text().decision.what}>
          <p class="break-words">{problem().summary}</p>
          <p class="mt-1 flex flex-wrap items-center gap-x-3 text-sm text-muted">
            <Time at={problem().openedAt} />
            <DetailLink
              to={{ kind: "problem", id: problem().id }}
              class="inline-flex min-h-6 items-center gap-1 text-accent hover:underline"
            >
              {text().decision.openProblem}
              <Icon name="arrow-right" class="size-3.5" />
            </DetailLink>
          </p>
        </Section>
      )}
    </Show>
  );
}

function Proposal(props: { decision: Decision }) {
  return (
    <Section title={text().decision.proposal}>
      <ul class="overflow-hidden rounded-md border border-line font-mono text-sm">
        <For each={props.decision.plan?.changes ?? []}>
          {(change) => (
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-line px-3 py-2 not-last:border-b">
              <span class="min-w-0 flex-1 basis-48 break-words">{change.what}</span>
              <span class="flex min-w-0 items-center gap-2 break-words">
                <span class="text-muted">{change.from ?? ""}</span>
                <Icon name="arrow-right" class="size-3.5 shrink-0 text-faint" />
                <span>{change.to ?? ""}</span>
              </span>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.decision.intent?.hash}>
        {(hash) => (
          <p class="mt-2 flex flex-wrap items-center gap-2 text-sm text-muted">
            {text().decision.bound}
            <IdText id={hash()} />
          </p>
        )}
      </Show>
    </Section>
  );
}

function Said(props: { decision: Decision }) {
  return (
    <Section title={text().decision.said}>
      <ol class="flex flex-col gap-3">
        <For each={voicesOf(props.decision, text())}>{(voice) => <Spoken voice={voice} />}</For>
        <Show when={props.decision.judging}>
          <li role="status" class="flex items-center gap-2 text-muted">
            <Icon name="loader" class="size-4 animate-spin motion-reduce:animate-none" />
            {text().decision.judging}
          </li>
        </Show>
      </ol>
    </Section>
  );
}

function Spoken(props: { voice: Voice }) {
  return (
    <li class="flex gap-3">
      <Status look={props.voice.look} class="w-24 shrink-0" />
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-3">
          <span class="min-w-0 flex-1 break-words">
            {props.voice.text}
            <Show when={props.voice.detail}>
              <span class="text-muted"> ({props.voice.detail})</span>
            </Show>
          </span>
          <Time at={props.voice.at} show="point" class="shrink-0 text-sm text-faint" />
        </p>
        <p class="text-sm text-muted">{props.voice.who}</p>
        <Show when={props.voice.opinion}>
          {(opinion) => (
            <blockquote class="mt-1.5 border-l-2 border-line-strong pl-3">
              <p class="break-words">{opinion().text}</p>
              <p class="mt-1 text-sm text-muted">
                {text().decision.opinion(
                  opinion().model,
                  formatCost(opinion().costUsd),
                  opinion().durationSeconds.toFixed(1),
                )}
                <Show when={opinion().confidence !== null}>
                  {" · "}
                  {text().decision.sure(Math.round((opinion().confidence ?? 0) * 100))}
                </Show>
              </p>
            </blockquote>
          )}
        </Show>
      </div>
    </li>
  );
}

function Reach(props: { decision: Decision }) {
  const reach = () => props.decision.blastRadius;
  return (
    <Section title={text().decision.reach}>
      <Facts>
        <Fact name={text().decision.touches}>
          {text().decision.nodes(reach().nodes.length)}
          <Show when={reach().group}>
            {(group) => (
              <span class="text-muted">
                , {text().decision.group(group().name, group().healthy, group().size)}
              </span>
            )}
          </Show>
          <br />
          <span class="text-muted">
            {reach().interrupts ? text().decision.interrupts : text().decision.quiet}
          </span>
        </Fact>
        <Show when={reach().dependents.length > 0}>
          <Fact name={text().decision.dependents}>{reach().dependents.join(", ")}</Fact>
        </Show>
        <Fact name={text().decision.undo}>
          <span classList={{ "text-bad": !reach().reversible }}>
            {reach().reversible ? text().decision.reversible : text().decision.irreversible}
          </span>
        </Fact>
      </Facts>
    </Section>
  );
}

function Before(props: { similar: Decision[] }) {
  return (
    <Section title={text().decision.before}>
      <Show when={props.similar.length > 0} fallback={<p class="text-muted">{text().decision.beforeNone}</p>}>
        <ul class="overflow-hidden rounded-md border border-line">
          <For each={props.similar}>
            {(past) => (
              <li class="relative flex items-center gap-3 border-line px-3 py-2 not-last:border-b hover:bg-hover">
                <Status look={stateLook(past, text())} class="w-28 shrink-0" />
                <a
                  href={`/decisions/${past.id}?state=answered`}
                  class="min-w-0 flex-1 truncate after:(absolute inset-0)"
                >
                  {past.nodeName} · {past.voices.at(-1)?.text ?? ""}
                </a>
                <Time at={past.decidedAt ?? past.createdAt} class="shrink-0 text-sm text-muted" />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Section>
  );
}
