/** The history behind the charts of one node: fetched per span, then only its newest part, with each report. */
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from "solid-js";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import { serverNow } from "../../lib/clock.ts";
import type { MetricSeries } from "../../data/types.ts";
import { joinSeries, PATTERNS } from "./charts.model.ts";
import type { Span } from "./range.model.ts";

export interface Shown {
  span: Span;
  series: ReadonlyMap<string, MetricSeries>;
}

export function createMetrics(options: {
  node: Accessor<string>;
  /** The wanted span, made anew for the current time. */
  span: (now: number) => Span;
  /** Changes when another span is wanted. */
  wanted: Accessor<string>;
  /** When the node last reported; a change means that there is more. */
  reportedAt: Accessor<string | null>;
}) {
  const [shown, setShown] = createSignal<Shown | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  /** Of the newest request: answers to older ones are not wanted any more. */
  let turn = 0;
  let asking = false;
  onCleanup(() => (turn = -1));

  async function load(whole: boolean) {
    const mine = ++turn;
    asking = true;
    const node = options.node();
    const span = options.span(serverNow());
    const known = shown();
    const tailFrom = known === null || whole ? span.from : tailStart(known, span.stepMs);
    try {
      const answer = await api.metrics(node, PATTERNS, tailFrom, span.to, span.resolution);
      if (mine !== turn) return;
      const series = joinSeries(
        whole || known === null ? new Map() : known.series,
        answer.series,
        tailFrom,
        span.from,
      );
      setShown({ span, series });
      setError(null);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      if (mine === turn) setError(cause);
    } finally {
      if (mine === turn) asking = false;
    }
  }

  createEffect(
    on([options.node, options.wanted], ([node], before) => {
      // Another node's numbers must not stand under this one's name; another span of the same node may, for a moment.
      if (before !== undefined && before[0] !== node) setShown(null);
      void load(true);
    }),
  );
  createEffect(
    on(
      options.reportedAt,
      () => {
        const span = untrack(() => options.span(serverNow()));
        const known = shown();
        if (!span.isLive || asking || known === null || document.hidden) return;
        // A roll-up of half an hour does not change with every report.
        if (span.to - known.span.to >= Math.min(span.stepMs / 2, 60_000)) void load(false);
      },
      { defer: true },
    ),
  );
  return { shown, error, reload: () => void load(true) };
}

/** From the last known point on, whole buckets: the last one may have been incomplete. */
function tailStart({ series, span }: Shown, stepMs: number): number {
  let last = span.from;
  for (const { points } of series.values()) last = Math.max(last, points.at(-1)?.[0] ?? 0);
  return Math.max(span.from, Math.floor((last - stepMs) / stepMs) * stepMs);
}
