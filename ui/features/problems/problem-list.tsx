import { Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { HeldList } from "../../kit/held-list.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_TITLE } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import type { Intent, Problem } from "../../data/types.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { severityLook, stageLook, stageOf } from "./problem.model.ts";
import { text } from "./texts.ts";

/** Two lines a problem: what it is; how bad, where, and what is being done. */
export function ProblemList(props: {
  problems: Problem[];
  intents: Map<string, Intent>;
  rows: number;
  onEnd?: () => void;
}) {
  return (
    <HeldList items={props.problems} rows={props.rows} onEnd={props.onEnd}>
      {(problem) => <Row problem={problem()} intent={props.intents.get(problem().id)} />}
    </HeldList>
  );
}

function Row(props: { problem: Problem; intent: Intent | undefined }) {
  const severity = () => severityLook(props.problem, text());
  const stage = () => stageOf(props.problem, props.intent);
  return (
    <li class="relative flex gap-2.5 border-line px-4 py-2 not-last:border-b hover:bg-hover">
      <Icon name={severity().icon} class={`mt-0.5 size-4 ${TONE_TEXT[severity().tone]}`} />
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-3">
          <DetailLink to={{ kind: "problem", id: props.problem.id }} class={ROW_TITLE}>
            {props.problem.summary}
          </DetailLink>
          <Time at={props.problem.openedAt} class="ml-auto shrink-0 text-sm text-muted" />
        </p>
        <p class="mt-0.5 flex items-center gap-x-2 gap-y-0.5 text-sm text-muted max-sm:flex-wrap">
          <span class={TONE_TEXT[severity().tone]}>{severity().word}</span>
          <Badge>{props.problem.level}</Badge>
          <span class="min-w-0 truncate max-sm:basis-3/5 max-sm:grow">
            {props.problem.nodeName} · {props.problem.target}
          </span>
          <Show when={props.problem.flapping}>
            <Badge tone="unknown">{text().problem.flapping}</Badge>
          </Show>
          <Show when={props.problem.state === "open"}>
            <Status look={stageLook(stage(), props.problem, text())} class="sm:ml-auto" />
          </Show>
        </p>
      </div>
    </li>
  );
}
