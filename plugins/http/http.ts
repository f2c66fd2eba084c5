/** http_probe: ask a URL again and again, and judge by the share of bad answers and by what is usual. */
import {
  type Check,
  compilePattern,
  type FetchResult,
  formatDuration,
  isCortexError,
  judge,
  messageOf,
  oneLine,
  type Pattern,
  type PluginContext,
  type Result,
  type Status,
  worstStatus,
} from "cortex";
import { thresholds } from "../common/check-config.ts";
import { networkOf, probeTarget } from "../common/probe.ts";
import type { Config } from "./config.ts";
import { type Counts, createHistory, type Probe } from "./history.ts";

/** Time for the check on top of its request, so that a slow answer is a bad answer and not an unknown one. */
const CHECK_SLACK_MS = 2000;

export function isExpected(status: number, expected: Config["status"]): boolean {
  if (typeof expected === "number") return status === expected;
  if (typeof expected === "string") return Math.floor(status / 100) === Number(expected[0]);
  return expected.includes(status);
}

/** What is wrong with an answer, or null. */
export function faultOf(
  answer: FetchResult,
  config: Pick<Config, "status" | "body_contains"> & { body_matches?: Pattern | undefined },
): string | null {
  if (!isExpected(answer.status, config.status)) {
    const location = answer.headers["location"];
    const wanted = Array.isArray(config.status) ? config.status.join(" or ") : config.status;
    return `answered ${answer.status}${location ? ` (to ${location})` : ""} instead of ${wanted}`;
  }
  const text = config.body_contains;
  if (text !== undefined && !answer.body.includes(text))
    return `answered ${answer.status} without ${JSON.stringify(text)}`;
  const pattern = config.body_matches;
  if (pattern !== undefined && !pattern.test(answer.body))
    return `answered ${answer.status} with nothing that matches ${JSON.stringify(pattern.source)}`;
  return null;
}

/** Without what may be secret: user name, password, query. */
const shownUrl = (url: URL) => `${url.origin}${url.pathname}`;

function judgeLatency(counts: Counts, config: Config): { status: Status; words: string } {
  const { medianMs, usualMs } = counts;
  if (medianMs === null || usualMs === null || medianMs < config.latency_floor)
    return { status: "ok", words: "" };
  const factor = medianMs / usualMs;
  const limits = { warning: config.latency_warning_factor, critical: config.latency_critical_factor };
  const words = `answers take ${Math.round(medianMs)} ms, ${factor.toFixed(1)} times the usual ${Math.round(usualMs)} ms`;
  return { status: judge(factor, limits, null), words };
}

export function createHttpCheck(ctx: PluginContext, config: Config): Check {
  const url = new URL(config.url);
  const { body_matches: source } = config;
  const expected = { ...config, body_matches: source === undefined ? undefined : compilePattern(source) };
  const target = probeTarget(ctx, shownUrl(url));
  const limits = thresholds(config, "ratio");
  const history = createHistory({
    windowMs: config.window,
    recover: config.recover,
    usualMin: config.latency_samples,
  });

  async function probe(signal: AbortSignal): Promise<Probe> {
    const at = ctx.clock.monotonic();
    try {
      const answer = await ctx.fetch(config.url, {
        method: config.method,
        headers: config.headers,
        timeoutMs: config.request_timeout,
        maxBytes: config.max_body,
        maxRedirects: config.max_redirects,
        signal,
      });
      return { at, fault: faultOf(answer, expected), latencyMs: answer.durationMs };
    } catch (error) {
      // The agent itself does not ask such addresses: nothing is known about the server.
      if (isCortexError(error) && error.code === "fetch.refused") throw error;
      return { at, fault: messageOf(error), latencyMs: null };
    }
  }

  function describe(last: Probe, counts: Counts, slow: string): string {
    const place = shownUrl(url);
    const share =
      counts.bad === 0 ? "" : `; ${counts.bad} of ${counts.total} bad in ${formatDuration(config.window)}`;
    if (last.fault !== null) return `${place}: ${last.fault}${share}`;
    const speed = slow === "" ? `answers well in ${Math.round(last.latencyMs ?? 0)} ms` : slow;
    return `${place} ${speed}${share}`;
  }

  function judgeProbe(last: Probe, previous: Status | null): Result {
    const counts = history.add(last, previous === "warning" || previous === "critical");
    const answers = judge(counts.ratio, limits, previous);
    const latency = judgeLatency(counts, config);
    return {
      target,
      status: worstStatus([answers, latency.status]),
      summary: oneLine(describe(last, counts, latency.words)),
      // What helps against no answers seldom helps against slow ones.
      type: answers === "ok" && latency.status !== "ok" ? "http.latency" : "http.probe",
      ...(config.owner !== undefined && { owner: config.owner }),
      ...networkOf(url.hostname),
      metrics: {
        "http.up": last.fault === null ? 1 : 0,
        "http.bad_ratio": counts.ratio,
        ...(last.latencyMs !== null && { "http.latency_seconds": last.latencyMs / 1000 }),
        ...(counts.usualMs !== null && { "http.usual_latency_seconds": counts.usualMs / 1000 }),
      },
      data: { url: shownUrl(url) },
    };
  }

  return {
    name: "http_probe",
    summary: "URLs that give bad answers, or slow ones.",
    type: "http.probe",
    nature: "fact",
    intervalMs: 15_000,
    confirmMs: 60_000,
    timeoutMs: config.request_timeout + CHECK_SLACK_MS,
    async run({ signal, previous }) {
      try {
        return [judgeProbe(await probe(signal), previous(target))];
      } catch (error) {
        return [
          { target, status: "unknown", summary: oneLine(messageOf(error)), ...networkOf(url.hostname) },
        ];
      }
    },
  };
}
