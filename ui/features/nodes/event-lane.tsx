import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Icon } from "../../kit/icon.tsx";
import { TONE_TEXT } from "../../kit/tone.tsx";
import { now } from "../../lib/clock.ts";
import { formatPoint } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import { DetailLink } from "../../shell/detail-link.tsx";
import { groupEvents, type EventGroup, type NodeEvent } from "./events.model.ts";
import { text } from "./texts.ts";

/** Width of a mark, and the least distance of two: large enough to be pressed. */
const MARK_PX = 26;

/** Problems and repairs of the shown span on one line of time; each opens what it stands for. */
export function EventLane(props: { events: NodeEvent[]; from: number; to: number; isLive: boolean }) {
  let lane!: HTMLDivElement;
  const [width, setWidth] = createSignal(600);
  onMount(() => {
    const sizes = new ResizeObserver(() => setWidth(lane.clientWidth));
    sizes.observe(lane);
    onCleanup(() => sizes.disconnect());
  });
  const groups = createMemo(() =>
    groupEvents(props.events, props.from, props.to, MARK_PX / Math.max(1, width())),
  );
  return (
    <div class="flex items-center gap-3 border-b border-line px-4 py-1.5 text-sm text-muted">
      <span id="events" class="mr-2 shrink-0">
        {text().chart.events}
      </span>
      <span class="shrink-0 text-faint tabular-nums max-sm:hidden">
        {formatPoint(props.from, now(), locale())}
      </span>
      <div ref={lane} class="relative mx-3 h-6 min-w-0 flex-1">
        <span aria-hidden="true" class="absolute inset-x-0 top-1/2 h-px bg-line" />
        <Show
          when={groups().length > 0}
          fallback={
            <span class="absolute inset-y-0 right-0 bg-surface pl-2 leading-6 text-faint">
              {text().chart.eventsNone}
            </span>
          }
        >
          <ul aria-labelledby="events">
            <For each={groups()}>{(group) => <Mark group={group} />}</For>
          </ul>
        </Show>
      </div>
      <span class="shrink-0 text-faint tabular-nums max-sm:hidden">
        {props.isLive ? text().chart.now : formatPoint(props.to, now(), locale())}
      </span>
    </div>
  );
}

function Mark(props: { group: EventGroup }) {
  const first = () => props.group.events[0]!;
  const words = () => {
    const shown = props.group.events.slice(0, 3).map((event) => event.title);
    const rest = props.group.events.length - shown.length;
    const when = formatPoint(first().at, now(), locale());
    return `${when}: ${shown.join("; ")}${rest > 0 ? ` (+${rest})` : ""}`;
  };
  return (
    <li class="absolute top-0 -ml-3" style={{ left: `${props.group.place * 100}%` }}>
      <DetailLink
        to={first().detail}
        class={`relative grid size-6 place-items-center rounded-full border border-line bg-surface hover:bg-raised ${TONE_TEXT[first().color]}`}
      >
        <span class="sr-only">{words()}</span>
        <span title={words()} class="absolute inset-0" />
        <Icon name={first().icon} class="size-3.5" />
        <Show when={props.group.events.length > 1}>
          <span
            aria-hidden="true"
            class="absolute -top-1 -right-1.5 rounded-full bg-raised px-1 text-xs text-ink"
          >
            {props.group.events.length}
          </span>
        </Show>
      </DetailLink>
    </li>
  );
}
