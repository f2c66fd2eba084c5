/** One run of one check: under a time-out, with whatever it says brought into bounds. It never throws. */
import {
  type Clock,
  defineErrors,
  type Log,
  messageOf,
  oneLine,
  type Result,
  type Skipped,
  type Status,
  worstStatus,
} from "cortex";
import type { RegisteredCheck } from "../../host/registry.ts";

const errors = defineErrors("check", { timeout: "timeout" });

const MAX_TARGETS = 1000;
const MAX_SUMMARY = 1000;
const MAX_DETAIL = 500;
const MAX_METRICS = 200;
/** What the wire takes: a result beyond it would be refused by the Monitor, and its problem never be heard of. */
const MAX_NAME = 100;
const MAX_VALUE = 1000;
const MAX_TAGS = 50;
const MAX_DEPENDS = 100;

/** Checks whose last run lost its turn and has not ended: another one would only pile up on it. */
const hanging = new WeakSet<RegisteredCheck>();

export interface Inspection {
  results: Result[];
  /** Not applicable here: the whole check, or single targets. */
  skipped: { target: string | null; reason: string }[];
  /** Why it could not say anything: an exception or a time-out. */
  error: string | null;
  status: Status | "skipped";
  durationMs: number;
}

export interface InspectDeps {
  clock: Clock;
  log: Log;
  timeoutMs: number;
  previous: (target: string) => Status | null;
  oneShot: boolean;
  signal?: AbortSignal;
}

export async function inspect(registered: RegisteredCheck, deps: InspectDeps): Promise<Inspection> {
  const began = deps.clock.monotonic();
  const abort = new AbortController();
  const timeoutMs = registered.host.timeout ?? registered.check.timeoutMs ?? deps.timeoutMs;
  if (hanging.has(registered))
    return failed(`no answer within ${timeoutMs} ms, nor since: that run still hangs`, 0);
  const timeout = errors.timeout(`no answer within ${timeoutMs} ms`);
  const deadline = Promise.withResolvers<never>();
  const cancel = deps.clock.after(timeoutMs, () => {
    abort.abort(timeout);
    deadline.reject(timeout);
  });
  const onStop = () => {
    abort.abort(deps.signal?.reason);
    deadline.reject(errors.timeout("stopped"));
  };
  deps.signal?.addEventListener("abort", onStop, { once: true });
  // A check that ignores its signal still loses its turn; what it says later is not heard.
  deadline.promise.catch(() => undefined);
  try {
    const run = { signal: abort.signal, log: deps.log, previous: deps.previous, oneShot: deps.oneShot };
    hanging.add(registered);
    const work = (async () => registered.check.run(run))().finally(() => hanging.delete(registered));
    // Whoever loses the race may still fail later.
    work.catch(() => undefined);
    const said = await Promise.race([work, deadline.promise]);
    return bounded(registered, said, deps.clock.monotonic() - began);
  } catch (error) {
    return failed(messageOf(error), deps.clock.monotonic() - began);
  } finally {
    cancel();
    deps.signal?.removeEventListener("abort", onStop);
  }
}

const failed = (reason: string, durationMs: number): Inspection => ({
  results: [],
  skipped: [],
  error: oneLine(reason, MAX_SUMMARY),
  status: "unknown",
  durationMs,
});

const isSkipped = (said: Result | Skipped): said is Skipped => "skipped" in said;

function bounded(registered: RegisteredCheck, said: (Result | Skipped)[], durationMs: number): Inspection {
  if (!Array.isArray(said)) return failed("the check gave no list of results", durationMs);
  const byTarget = new Map<string, Result>();
  const skipped: Inspection["skipped"] = [];
  for (const one of said) {
    if (isSkipped(one)) {
      skipped.push({ target: one.target ?? null, reason: oneLine(one.skipped, MAX_SUMMARY) });
      continue;
    }
    if (byTarget.size >= MAX_TARGETS) return failed(`more than ${MAX_TARGETS} targets`, durationMs);
    byTarget.set(one.target, normalised(registered, one));
  }
  const results = [...byTarget.values()];
  const status = results.length === 0 ? "skipped" : worstStatus(results.map((result) => result.status));
  return { results, skipped, error: null, status, durationMs };
}

/** Tags and labels of the instance added, text cut and cleaned of control characters, numbers finite. */
function normalised(registered: RegisteredCheck, result: Result): Result {
  const metrics = Object.entries(result.metrics ?? {})
    .filter(([, value]) => Number.isFinite(value))
    .slice(0, MAX_METRICS)
    .map(([name, value]) => [name.slice(0, 200), value] as const);
  const labels = Object.entries({ ...result.labels, ...registered.host.labels }).map(
    ([name, value]) => [name.slice(0, MAX_NAME), oneLine(String(value), MAX_VALUE)] as const,
  );
  const status: Status = ["ok", "warning", "critical", "unknown"].includes(result.status)
    ? result.status
    : "unknown";
  return {
    ...result,
    status,
    target: oneLine(String(result.target), 500),
    summary: oneLine(String(result.summary), MAX_SUMMARY),
    ...(result.detail === undefined ? {} : { detail: oneLine(String(result.detail), MAX_DETAIL) }),
    metrics: Object.fromEntries(metrics),
    type: oneLine(String(result.type ?? registered.check.type), MAX_NAME),
    ...(result.owner === undefined ? {} : { owner: oneLine(String(result.owner), MAX_VALUE) }),
    ...(result.dependsOn === undefined ? {} : { dependsOn: texts(result.dependsOn).slice(0, MAX_DEPENDS) }),
    tags: texts([...(result.tags ?? []), ...(registered.host.tags ?? [])])
      .map((tag) => tag.slice(0, MAX_NAME))
      .slice(0, MAX_TAGS),
    labels: Object.fromEntries(labels),
  };
}

const texts = (list: readonly unknown[]): string[] => list.map(String);
