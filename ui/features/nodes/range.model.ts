/** The span of time that charts show: a preset that follows the clock, or two fixed times after zooming. */

export const RANGES = ["1h", "6h", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const SPAN_MS: Record<Range, number> = {
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
};
/** A zoom that is shorter shows nothing: nodes report every quarter of a minute. */
export const LEAST_SPAN_MS = 2 * MINUTE_MS;
/** Reports as they came, or means of this many seconds: about 400 points whatever the span. */
const STEPS_S = [60, 300, 1800, 7200, 21_600, 86_400];
const MOST_POINTS = 400;
/** What reports are apart at most when they are shown as they came. */
const RAW_STEP_MS = 15_000;

export interface Span {
  from: number;
  to: number;
  /** Follows the clock. */
  isLive: boolean;
  resolution: "raw" | number;
  /** Distance of the points, ms. */
  stepMs: number;
}

export const isRange = (text: unknown): text is Range => (RANGES as readonly unknown[]).includes(text);

/** `?range=24h`, or `?from=…&to=…` (ISO) after zooming; what can't be understood counts as an hour. */
export function spanOf(
  query: { range?: string | undefined; from?: string | undefined; to?: string | undefined },
  now: number,
): Span {
  const from = Date.parse(query.from ?? "");
  const to = Date.parse(query.to ?? "");
  if (to - from >= LEAST_SPAN_MS) return { from, to, isLive: false, ...resolutionFor(to - from) };
  const range = isRange(query.range) ? query.range : "1h";
  const spanMs = SPAN_MS[range];
  return { from: now - spanMs, to: now, isLive: true, ...resolutionFor(spanMs) };
}

export function resolutionFor(spanMs: number): Pick<Span, "resolution" | "stepMs"> {
  if (spanMs <= 1.5 * HOUR_MS) return { resolution: "raw", stepMs: RAW_STEP_MS };
  const seconds = STEPS_S.find((step) => spanMs / (step * 1000) <= MOST_POINTS) ?? STEPS_S.at(-1)!;
  return { resolution: seconds, stepMs: seconds * 1000 };
}

/** What goes into the address for a zoom: whole seconds, never shorter than can be shown. */
export function zoomQuery(from: number, to: number): { from: string; to: string } {
  const missing = Math.max(0, LEAST_SPAN_MS - (to - from)) / 2;
  const iso = (at: number) => new Date(Math.round(at / 1000) * 1000).toISOString();
  return { from: iso(from - missing), to: iso(to + missing) };
}
