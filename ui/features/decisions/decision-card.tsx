/** Everything about one decision, in the order in which a person reads it before saying yes or no. */
import { createEffect, createMemo, createResource, on, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Empty, ErrorState, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { ApiError } from "../../data/api.ts";
import { api, live } from "../../data/app.ts";
import { now } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { Decision, DecisionDetail } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { riskLook, sentence, stateLook } from "./decision.model.ts";
import { Before, Proposal, Reach, What } from "./decision-plan.tsx";
import { Said } from "./decision-voices.tsx";
import { intentLook } from "../intents/intent.model.ts";
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
        <article class="relative rounded-lg border border-line bg-surface" aria-labelledby="decision-title">
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
      {/* The list's own heading is not there beside it on a phone. */}
      <h2 class="sr-only lg:hidden">{text().decision.title}</h2>
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
          <span class="text-sm text-muted max-sm:basis-full sm:ml-auto">
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
      <Course decision={props.decision} />
    </header>
  );
}

/** Whether the node has heard it, and what came of the repair. */
function Course(props: { decision: Decision }) {
  // The live data is younger, but does not reach back far.
  const intent = () =>
    live.data.intents.items.find(({ id }) => id === props.decision.intent?.id) ?? props.decision.intent;
  return (
    <div class="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm empty:hidden">
      <Show when={props.decision.delivery}>
        {(delivery) => (
          <p
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
      <Show when={props.decision.state !== "pending" && intent()}>
        {(known) => (
          <DetailLink
            to={{ kind: "intent", id: known().id }}
            class="inline-flex min-h-6 items-center gap-1.5"
          >
            <Status look={intentLook(known(), text())} />
            <Icon name="arrow-right" class="size-3.5 text-faint" />
          </DetailLink>
        )}
      </Show>
    </div>
  );
}
