import { type Check, formatDuration, type PluginContext, type Result } from "cortex";
import { showUnits, UNIT_NAME } from "../common/systemd-unit.ts";
import { type Config, matchesAny } from "./config.ts";
import { parseMonotonic, parseSpan, parseTimestamp } from "./systemd.parse.ts";
import type { Units } from "./units.ts";

const PROPERTIES = [
  "Id",
  "Unit",
  "ActiveState",
  "LastTriggerUSec",
  "NextElapseUSecRealtime",
  "NextElapseUSecMonotonic",
];
type State = Record<string, string>;

/** Shortest time seen between a run and the next one due: what this timer's period is, as far as it is known. */
type Periods = Record<string, number>;

export function createTimersCheck(ctx: PluginContext, config: Config, units: Units): Check {
  const { grace, factor } = config.timer_missed;

  /** Due time in epoch ms; a monotonic timer counts from boot. */
  function nextOf(state: State): number | null {
    const wall = parseTimestamp(state["NextElapseUSecRealtime"]);
    if (wall !== null) return wall;
    const text = state["NextElapseUSecMonotonic"];
    const sinceBoot = parseSpan(text) ?? parseMonotonic(text);
    return sinceBoot === null ? null : Math.round(ctx.clock.now() - ctx.node.uptimeMs() + sinceBoot);
  }

  function judge(state: State, running: boolean, periods: Periods): Result {
    const timer = state["Id"]!;
    const unit = state["Unit"] || timer.replace(/\.timer$/, ".service");
    const now = ctx.clock.now();
    const last = parseTimestamp(state["LastTriggerUSec"]);
    const next = nextOf(state);
    if (last !== null && next !== null && next > last)
      periods[timer] = Math.min(periods[timer] ?? next - last, next - last);
    const period = periods[timer];
    const base = {
      target: timer,
      owner: `unit:${unit}`,
      ...(last === null ? {} : { metrics: { "timer.last_run_seconds": Math.max(0, now - last) / 1000 } }),
      ...(config.idempotent.includes(unit) ? { tags: ["idempotent"] } : {}),
      data: { unit },
    };
    const ran = last === null ? "never ran" : `last ran ${formatDuration(now - last)} ago`;
    if (running) return { ...base, status: "ok", summary: `${timer}: ${unit} is running` };
    if (next !== null && now - next > grace)
      return {
        ...base,
        status: "warning",
        summary: `${timer} was due ${formatDuration(now - next)} ago and ${ran}`,
      };
    if (last !== null && period !== undefined && now - last > factor * period + grace)
      return {
        ...base,
        status: "warning",
        summary: `${timer} runs every ${formatDuration(period)}, but ${ran}`,
      };
    return {
      ...base,
      status: "ok",
      summary: `${timer} ${ran}${next === null ? "" : `, next in ${formatDuration(Math.max(0, next - now))}`}`,
    };
  }

  return {
    name: "timer_missed",
    summary: "Timers of systemd ran when they were due.",
    type: "timer.missed",
    nature: "fact",
    intervalMs: config.timer_missed.interval,
    confirmMs: config.timer_missed.confirm,
    async run({ signal }) {
      const unavailable = await units.unavailable();
      if (unavailable !== null) return [{ skipped: unavailable }];
      const listed = await units.list(signal);
      const timers = listed.filter(
        ({ name, active }) =>
          name.endsWith(".timer") &&
          active === "active" &&
          UNIT_NAME.test(name) &&
          !matchesAny(name, config.ignore),
      );
      if (timers.length === 0) return [{ skipped: "no timer is active" }];
      const busy = new Set(
        listed.filter(({ active }) => ["active", "activating"].includes(active)).map(({ name }) => name),
      );
      const known = ctx.store.get<Periods>("periods") ?? {};
      const periods: Periods = Object.fromEntries(
        timers.flatMap(({ name }) => (known[name] ? [[name, known[name]]] : [])),
      );
      const states = await showUnits(
        ctx.exec,
        timers.map(({ name }) => name),
        PROPERTIES,
        signal,
      );
      const results = states.map((state) => judge(state, busy.has(state["Unit"] ?? ""), periods));
      if (JSON.stringify(known) !== JSON.stringify(periods)) ctx.store.set("periods", periods);
      return results;
    },
  };
}
