/** The last day of a node in quarters of an hour: each can be pointed at, walked to by keys, and opened in the charts. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, Show } from "solid-js";
import { heatAt, SLOT_MS, SLOTS } from "../../kit/heat.model.ts";
import { heatSummary, HeatStrip, quarter } from "../../kit/heat-strip.tsx";
import { Panel } from "../../kit/panel.tsx";
import { formatPoint } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { NodeItem } from "../../data/types.ts";
import { heatStateOf } from "../fleet/node-heat.ts";
import { zoomQuery } from "./range.model.ts";
import { text } from "./texts.ts";

const HOUR_MS = 3_600_000;

export function NodeHeat(props: { node: NodeItem }) {
  const [, setSearch] = useSearchParams<{ range?: string; from?: string; to?: string }>();
  const states = createMemo(() => heatAt(props.node.history, quarter(), heatStateOf(props.node)));
  const [place, setPlace] = createSignal<number | null>(null);
  const startOf = (slot: number) => quarter() - (SLOTS - 1 - slot) * SLOT_MS;
  const words = (slot: number) => {
    const clock = (ms: number) => formatPoint(ms, quarter(), locale());
    return `${clock(startOf(slot))} – ${clock(startOf(slot) + SLOT_MS)} · ${text().heat.states[states()[slot]!]}`;
  };
  const pointAt = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    setPlace(Math.min(SLOTS - 1, Math.max(0, Math.floor(share * SLOTS))));
  };
  /** The charts show the hour around it. */
  const open = () => {
    const at = place();
    if (at === null) return;
    const middle = startOf(at) + SLOT_MS / 2;
    setSearch(
      { range: undefined, ...zoomQuery(middle - HOUR_MS / 2, middle + HOUR_MS / 2) },
      { scroll: false },
    );
  };
  const onKey = (event: KeyboardEvent) => {
    const at = place() ?? SLOTS - 1;
    const to: Record<string, number | null> = {
      ArrowLeft: Math.max(0, at - 1),
      ArrowRight: Math.min(SLOTS - 1, at + 1),
      Home: 0,
      End: SLOTS - 1,
      Escape: null,
    };
    if (event.key === "Enter" || event.key === " ") open();
    else if (event.key in to && !event.ctrlKey && !event.metaKey && !event.altKey) setPlace(to[event.key]!);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Panel
      title={text().heat.title}
      actions={
        <p aria-live="polite" class="text-sm text-muted tabular-nums">
          <Show when={place() !== null} fallback={<span class="max-sm:hidden">{text().heat.hint}</span>}>
            {words(place()!)}
          </Show>
        </p>
      }
    >
      <div class="px-4 pt-3 pb-2">
        <div
          role="slider"
          tabIndex={0}
          aria-label={heatSummary(states())}
          aria-valuemin={0}
          aria-valuemax={SLOTS - 1}
          aria-valuenow={place() ?? SLOTS - 1}
          aria-valuetext={words(place() ?? SLOTS - 1)}
          class="relative h-6 cursor-pointer rounded-sm focus-visible:outline-offset-4"
          onPointerMove={pointAt}
          onPointerLeave={() => setPlace(null)}
          onBlur={() => setPlace(null)}
          onKeyDown={onKey}
          onClick={open}
        >
          <HeatStrip heat={props.node.history} current={heatStateOf(props.node)} class="size-full" />
          <Show when={place() !== null}>
            <span
              aria-hidden="true"
              class="pointer-events-none absolute inset-y-0 border border-ink"
              style={{ left: `${(place()! / SLOTS) * 100}%`, width: `${100 / SLOTS}%` }}
            />
          </Show>
        </div>
        <p aria-hidden="true" class="mt-1 flex justify-between text-xs text-faint tabular-nums">
          <span>{formatPoint(startOf(0), quarter(), locale())}</span>
          <span>{text().chart.now}</span>
        </p>
      </div>
    </Panel>
  );
}
