/** CPU, memory, load, pressure, disks and network of one node over the same span, with what happened meanwhile. */
import { useSearchParams } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView } from "../../kit/states.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { createSharedCursor, TimeSeries } from "../../kit/time-series.tsx";
import { now } from "../../lib/clock.ts";
import { formatMoment, formatPoint } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { Intent, NodeItem, Problem } from "../../data/types.ts";
import { chartsOf } from "./charts.model.ts";
import { EventLane } from "./event-lane.tsx";
import { eventsOf } from "./events.model.ts";
import { createMetrics } from "./metrics.ts";
import { isRange, RANGES, spanOf, zoomQuery, type Range } from "./range.model.ts";
import { text } from "./texts.ts";

export function NodeCharts(props: { node: NodeItem; problems: Problem[]; intents: Intent[] }) {
  const [search, setSearch] = useSearchParams<{ range?: string; from?: string; to?: string }>();
  const metrics = createMetrics({
    node: () => props.node.id,
    span: (at) => spanOf(search, at),
    wanted: () => `${search.range} ${search.from} ${search.to}`,
    reportedAt: () => props.node.lastReportAt,
  });
  const cursor = createSharedCursor();
  const charts = createMemo(() => {
    const shown = metrics.shown();
    return shown === null ? [] : chartsOf(shown.series, shown.span.stepMs, props.node.cpuCount, text());
  });
  const events = createMemo(() => eventsOf(props.problems, props.intents, text()));
  const span = () => metrics.shown()?.span ?? spanOf(search, now());
  const zoomed = () => search.from !== undefined;

  const go = (query: { range?: string | undefined; from?: string | undefined; to?: string | undefined }) =>
    setSearch({ from: undefined, to: undefined, ...query }, { scroll: false });
  const choose = (range: Range) => go({ range: range === "1h" ? undefined : range });

  return (
    <Panel
      title={text().chart.title}
      actions={
        <>
          <p class="text-sm text-muted tabular-nums max-sm:hidden">
            <Show when={cursor.at()} fallback={zoomed() ? spanText(span().from, span().to) : ""}>
              {(at) => formatPoint(at(), now(), locale())}
            </Show>
          </p>
          <Show when={zoomed()}>
            <Button small kind="ghost" icon="undo" onClick={() => go({})}>
              {text().chart.reset}
            </Button>
          </Show>
          <Tabs
            label={text().chart.range}
            options={RANGES.map((id) => ({ id, label: text().chart.ranges[id] }))}
            value={(zoomed() ? "" : isRange(search.range) ? search.range : "1h") as Range}
            onChoose={choose}
          />
        </>
      }
    >
      <QueryView
        state={{ ready: metrics.shown() !== null, error: metrics.error() }}
        isEmpty={charts().length === 0}
        skeleton={<ChartSkeleton />}
        onRetry={metrics.reload}
        empty={<Empty icon="pulse" title={text().chart.empty} body={text().chart.emptyBody} />}
      >
        <EventLane events={events()} from={span().from} to={span().to} isLive={span().isLive} />
        <div class="grid gap-px bg-line lg:grid-cols-2">
          <For each={charts().map(({ id }) => id)}>
            {(id) => (
              <Show when={charts().find((chart) => chart.id === id)}>
                {(chart) => (
                  <div class="min-w-0 bg-surface lg:last:odd:col-span-2">
                    <TimeSeries
                      title={chart().title}
                      lines={chart().lines}
                      from={span().from}
                      to={span().to}
                      stepMs={span().stepMs}
                      unit={chart().unit}
                      top={chart().top}
                      limit={chart().limit}
                      markers={events()}
                      cursor={cursor}
                      onZoom={(from, to) => go({ range: search.range, ...zoomQuery(from, to) })}
                      onReset={() => go({ range: search.range })}
                    />
                  </div>
                )}
              </Show>
            )}
          </For>
        </div>
      </QueryView>
    </Panel>
  );
}

const spanText = (from: number, to: number): string =>
  `${formatMoment(from, locale())} – ${formatPoint(to, from, locale())}`;

/** As high as the charts will be. */
function ChartSkeleton() {
  return (
    <div role="status" aria-label={text().common.loading}>
      <div class="h-9 border-b border-line" />
      <div class="grid gap-px bg-line lg:grid-cols-2">
        <For each={Array.from({ length: 6 })}>
          {() => (
            <div class="bg-surface px-4 pt-3 pb-2">
              <div class="skeleton h-3 w-24" />
              <div class="mt-5 h-40 md:h-44" />
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
