/** What happened, what would be done about it, how far it reaches, and how the same was decided before. */
import { For, Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { IdText } from "../../kit/id-text.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import type { Decision, Problem } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { RunLine } from "../intents/run-line.tsx";
import { eventWord } from "../problems/problem.model.ts";
import { lastLogLine, newestEvents, stateLook, voicesOf } from "./decision.model.ts";
import { text } from "./texts.ts";

export function What(props: { decision: Decision }) {
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
          <Course events={problem().events} />
        </Section>
      )}
    </Show>
  );
}

/** How it went lately, and what the program said last before it ended. */
function Course(props: { events: Problem["events"] }) {
  const log = () => lastLogLine(props.events);
  return (
    <>
      <Show when={log()}>
        {(line) => (
          <div class="mt-2">
            <p class="mb-1 text-sm text-muted">{text().decision.lastLog}</p>
            <code class="block rounded-md border border-line bg-page px-3 py-2 text-sm break-words whitespace-pre-wrap">
              {line()}
            </code>
          </div>
        )}
      </Show>
      <ol class="mt-3 flex flex-col gap-1.5">
        <For each={newestEvents(props.events)}>
          {(event) => (
            <li class="flex gap-3">
              <Time at={event.at} show="point" class="w-24 shrink-0 text-sm leading-5 text-faint" />
              <p class="min-w-0 break-words">
                <span class="text-muted">{eventWord(event.kind, text())}</span> {event.text}
              </p>
            </li>
          )}
        </For>
      </ol>
    </>
  );
}

export function Proposal(props: { decision: Decision }) {
  return (
    <Section title={text().decision.proposal}>
      <RunLine plan={props.decision.plan} class="mb-3" />
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

export function Reach(props: { decision: Decision }) {
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
          <span classList={{ "text-bad": !reach().reversible }}>{text().decision.undos[reach().undo]}</span>
        </Fact>
      </Facts>
    </Section>
  );
}

export function Before(props: { similar: Decision[] }) {
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
                  {past.nodeName} · {voicesOf(past, text()).at(-1)?.text ?? ""}
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
