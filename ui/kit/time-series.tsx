/**
 * A chart of values over time. Its picture has a summary in words, a cursor that moves by keys, and the same numbers as a
 * table; silence is drawn as a gap. Charts that share a cursor show the same moment.
 */
import {
  createEffect,
  createMemo,
  createSignal,
  createUniqueId,
  For,
  on,
  onCleanup,
  onMount,
  Show,
  untrack,
  type Accessor,
} from "solid-js";
import { formatPoint } from "../lib/format.model.ts";
import { now } from "../lib/clock.ts";
import { enNode } from "../texts/en/node.ts";
import { locale, textsWith } from "../texts/i18n.ts";
import { isDark } from "../lib/media.ts";
import { theme } from "../lib/preferences.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import "./time-series.css";
import {
  alignLines,
  axisTop,
  extremesOf,
  formatValue,
  nearest,
  silences,
  valueAt,
  type Line,
  type Unit,
} from "./time-series.model.ts";
import { createPlot, type Marker, type Plot, type PlotInput } from "./time-series.plot.ts";
import { ValueTable } from "./value-table.tsx";

const text = textsWith(enNode);

/** The moment that all charts of a page point at; null while nobody points. */
export interface SharedCursor {
  at: Accessor<number | null>;
  set: (at: number | null) => void;
}

export function createSharedCursor(): SharedCursor {
  const [at, set] = createSignal<number | null>(null);
  return { at, set };
}

export interface TimeSeriesProps {
  title: string;
  lines: Line[];
  /** Shown span, epoch ms. */
  from: number;
  to: number;
  /** Distance of the points, ms; longer silence is a gap. */
  stepMs: number;
  unit: Unit;
  /** Fixed top of the value axis. */
  top?: number | undefined;
  /** A level worth knowing, such as the number of processors. */
  limit?: { value: number; label: string } | undefined;
  markers: readonly Marker[];
  cursor: SharedCursor;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

export function TimeSeries(props: TimeSeriesProps) {
  const id = createUniqueId();
  const [asTable, setAsTable] = createSignal(false);
  const columns = createMemo(() => alignLines(props.lines));
  const highest = () =>
    Math.max(
      0,
      ...props.lines.flatMap((line) => [...line.points.map(([, value]) => value ?? 0), ...peaks(line)]),
    );
  const input = createMemo((): PlotInput => ({
    columns: columns(),
    lines: props.lines,
    from: props.from,
    to: props.to,
    unit: props.unit,
    top: axisTop(props.unit, highest(), props.top),
    markers: props.markers,
    silences: silences(columns(), props.from, props.to, props.stepMs),
    limit: props.limit?.value ?? null,
    locale: locale(),
  }));
  /** A level above the axis is not drawn, so it is not named. */
  const limit = () =>
    props.limit !== undefined && props.limit.value <= input().top ? props.limit : undefined;
  /** Place of the cursor, else of the newest values. */
  const place = () => {
    const at = props.cursor.at();
    const { times } = columns();
    return at === null ? times.length - 1 : nearest(times, at);
  };
  const shown = (line: number): string => {
    const value = place() < 0 ? null : valueAt(columns(), line, place(), props.stepMs * 6);
    return value === null ? "–" : formatValue(props.unit, value, locale());
  };

  return (
    <figure class="min-w-0 px-4 pt-3 pb-2" aria-labelledby={id}>
      <figcaption class="flex min-h-7 items-center gap-3">
        <h3 id={id} class="font-medium">
          {props.title}
        </h3>
        <ul class="flex min-w-0 flex-1 flex-wrap justify-end gap-x-3 text-sm">
          <For each={props.lines}>
            {(line, index) => (
              <li class="flex min-w-0 items-center gap-1.5">
                <Swatch line={line} />
                <span class="truncate text-muted">{line.label}</span>
                <span class="shrink-0 tabular-nums">{shown(index())}</span>
              </li>
            )}
          </For>
          <Show when={limit()}>
            {(level) => (
              <li class="flex min-w-0 items-center gap-1.5">
                <span aria-hidden="true" class="w-3 shrink-0 border-t border-dotted border-faint" />
                <span class="truncate text-muted">{level().label}</span>
              </li>
            )}
          </Show>
        </ul>
        <Button
          kind="ghost"
          small
          class="-mr-2 w-7 px-0"
          aria-pressed={asTable()}
          aria-label={text().chart.asTable(props.title)}
          title={text().chart.asTable(props.title)}
          onClick={() => setAsTable(!asTable())}
        >
          <Icon name={asTable() ? "pulse" : "table"} class="size-3.5" />
        </Button>
      </figcaption>
      <div class="mt-1 h-40 md:h-44">
        <Show
          when={!asTable()}
          fallback={
            <ValueTable title={props.title} lines={props.lines} columns={columns()} unit={props.unit} />
          }
        >
          <Canvas chart={props} input={input()} place={place()} shown={shown} />
        </Show>
      </div>
    </figure>
  );
}

const peaks = (line: Line): number[] => (line.band ?? []).map((pair) => pair?.[1] ?? 0);

const CHART_FILL = ["", "bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5"];

function Swatch(props: { line: Line }) {
  const fill = () => CHART_FILL[props.line.color];
  return (
    <span aria-hidden="true" class="flex w-3 shrink-0 justify-between">
      <span class={`h-0.5 ${props.line.dashed === true ? "w-1" : "w-3"} ${fill()}`} />
      <Show when={props.line.dashed === true}>
        <span class={`h-0.5 w-1 ${fill()}`} />
      </Show>
    </span>
  );
}

/** Lines in a new order or number need a new plot; new values in the same ones do not. */
const shapeOf = (input: PlotInput): string =>
  `${input.unit} ${input.lines.map((line) => `${line.label} ${line.color} ${line.dashed} ${line.band == null}`).join()}`;

function Canvas(props: {
  chart: TimeSeriesProps;
  input: PlotInput;
  place: number;
  shown: (line: number) => string;
}) {
  let host!: HTMLDivElement;
  let plot: Plot | null = null;
  const [focused, setFocused] = createSignal(false);

  const build = () => {
    plot?.destroy();
    plot = createPlot(host, () => untrack(() => props.input), {
      onCursor: (at) => props.chart.cursor.set(at),
      onZoom: (from, to) => props.chart.onZoom(from, to),
      onReset: () => props.chart.onReset(),
    });
  };
  onMount(() => {
    createEffect(on(() => shapeOf(props.input), build));
    createEffect(
      on(
        () => props.input,
        () => plot?.update(),
        { defer: true },
      ),
    );
    createEffect(on(props.chart.cursor.at, (at) => plot?.cursor(at)));
    // Colours are known once the new theme is on the page.
    createEffect(
      on([theme, isDark], () => void requestAnimationFrame(() => plot?.repaint()), { defer: true }),
    );
    const sizes = new ResizeObserver(() => plot?.resize(host.clientWidth, host.clientHeight));
    sizes.observe(host);
    onCleanup(() => {
      sizes.disconnect();
      plot?.destroy();
    });
  });

  const move = (event: KeyboardEvent) => {
    const { times } = props.input.columns;
    const by = (event.shiftKey ? 10 : 1) * (event.key === "ArrowLeft" ? -1 : 1);
    const next: Record<string, () => number | null> = {
      ArrowLeft: () => props.place + by,
      ArrowRight: () => props.place + by,
      Home: () => 0,
      End: () => times.length - 1,
      Escape: () => null,
    };
    const to = next[event.key]?.();
    if (to === undefined || times.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (to === null && props.chart.cursor.at() === null) return;
    event.preventDefault();
    event.stopPropagation();
    props.chart.cursor.set(to === null ? null : times[Math.min(times.length - 1, Math.max(0, to))]!);
  };

  return (
    <>
      <div
        ref={host}
        role="img"
        tabIndex={0}
        aria-label={summaryOf(props.chart)}
        onKeyDown={move}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        class="h-full w-full rounded-sm focus-visible:outline-offset-0"
      />
      <p aria-live="polite" class="sr-only">
        {focused() ? spokenAt(props.chart, props.shown) : ""}
      </p>
    </>
  );
}

/** "CPU: busy now 41 %, at most 97 % at 03:10; …" */
function summaryOf(chart: TimeSeriesProps): string {
  const parts = chart.lines.flatMap((line) => {
    const found = extremesOf(line.points);
    if (found === null) return [];
    const say = (value: number) => formatValue(chart.unit, value, locale());
    return [
      text().chart.line(
        line.label,
        say(found.last),
        say(found.max),
        formatPoint(found.maxAt, now(), locale()),
      ),
    ];
  });
  return untrack(() =>
    text().chart.summary(chart.title, parts.length === 0 ? text().chart.none : parts.join("; ")),
  );
}

function spokenAt(chart: TimeSeriesProps, shown: (line: number) => string): string {
  const at = chart.cursor.at();
  if (at === null) return "";
  const values = chart.lines.map((line, index) => `${line.label} ${shown(index)}`).join(", ");
  return `${untrack(() => formatPoint(at, now(), locale()))}: ${values}`;
}
