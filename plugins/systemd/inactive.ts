import type { Check, PluginContext, Result } from "cortex";
import { showUnits, UNIT_NAME } from "../common/systemd-unit.ts";
import { type Config, matchesAny } from "./config.ts";
import { type ListedUnit, parseMonotonic } from "./systemd.parse.ts";
import { createMemory, type Units } from "./units.ts";

const PROPERTIES = [
  "Id",
  "LoadState",
  "ActiveState",
  "Type",
  "Result",
  "ConditionResult",
  "ConditionTimestampMonotonic",
  "WantedBy",
  "RequiredBy",
  "TriggeredBy",
  "ActiveEnterTimestampMonotonic",
  "InactiveEnterTimestampMonotonic",
];
type State = Record<string, string>;

/** SD_MESSAGE_UNIT_STOPPING of sd-messages.h: a stop job has begun. Nothing of the kind is written when a program ends by itself. */
const STOP_JOB = "MESSAGE_ID=de5b426a63be47a7b6ac3eaac82e2f6f";
/** Names asked about in one command. */
const BATCH = 50;

const words = (text: string | undefined) => (text ?? "").split(" ").filter((word) => word !== "");

/** Whether systemd itself means this unit to run now; a unit of a target that is not up does not have to. */
function isExpected(state: State, active: ReadonlySet<string>): boolean {
  if (state["LoadState"] !== "loaded" || state["Type"] === "oneshot") return false;
  // A condition that was never looked at says "no" too, without a time.
  if (state["ConditionResult"] === "no" && parseMonotonic(state["ConditionTimestampMonotonic"]) !== null)
    return false;
  // Started by its socket, path or timer when it is needed.
  if (words(state["TriggeredBy"]).length > 0) return false;
  return [...words(state["WantedBy"]), ...words(state["RequiredBy"])].some((target) => active.has(target));
}

export function createInactiveCheck(ctx: PluginContext, config: Config, units: Units): Check {
  const memory = createMemory(ctx, "unit_inactive_expected");
  /** By unit and time of its end: the journal's answer does not change any more. */
  const verdicts = new Map<string, boolean>();

  /** Stopped by a person or by another unit, not ended by itself: null when the journal can't be read. */
  async function wasStopped(unit: string, state: State, signal: AbortSignal): Promise<boolean | null> {
    const key = `${unit} ${state["InactiveEnterTimestampMonotonic"]}`;
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const argv = ["journalctl", "--boot", "--quiet", "--no-pager", "--output=json", "--lines=1"];
    const result = await ctx.exec.run([...argv, `--unit=${unit}`, STOP_JOB], { signal }).catch(() => null);
    if (result === null || result.exitCode !== 0) return null;
    const at = /"__MONOTONIC_TIMESTAMP"\s*:\s*"(\d+)"/.exec(result.stdout)?.[1];
    const started = parseMonotonic(state["ActiveEnterTimestampMonotonic"]) ?? 0;
    const stopped = (parseMonotonic(at) ?? -1) >= started;
    verdicts.set(key, stopped);
    return stopped;
  }

  async function judge(state: State, signal: AbortSignal): Promise<Result> {
    const unit = state["Id"]!;
    const base = { target: unit, owner: `unit:${unit}` };
    // Enabled a moment ago, or dropped from the boot to break a cycle: worth showing, not worth waking anybody.
    if (parseMonotonic(state["ActiveEnterTimestampMonotonic"]) === null)
      return {
        ...base,
        status: "warning",
        observe: true,
        summary: `${unit} is enabled, but was not started since boot`,
      };
    const stopped = await wasStopped(unit, state, signal);
    if (stopped === true)
      return { ...base, status: "ok", summary: `${unit} is enabled, but was stopped on purpose` };
    const doubt = stopped === null ? "; the journal does not say why" : "";
    return {
      ...base,
      status: "warning",
      ...(stopped === null ? { observe: true } : {}),
      summary: `${unit} is enabled, but ended by itself${doubt}`,
    };
  }

  async function candidates(signal: AbortSignal, listed: ListedUnit[]): Promise<State[]> {
    const active = new Set(listed.filter((unit) => unit.active === "active").map(({ name }) => name));
    const byName = new Map(listed.map((unit) => [unit.name, unit]));
    const idle = (await units.enabled(signal)).filter(
      (name) =>
        UNIT_NAME.test(name) &&
        !matchesAny(name, config.ignore) &&
        (byName.get(name)?.active ?? "inactive") === "inactive",
    );
    const states: State[] = [];
    for (let at = 0; at < idle.length; at += BATCH)
      states.push(...(await showUnits(ctx.exec, idle.slice(at, at + BATCH), PROPERTIES, signal)));
    return states.filter((state) => state["ActiveState"] === "inactive" && isExpected(state, active));
  }

  return {
    name: "unit_inactive_expected",
    summary: "Enabled units run.",
    type: "unit.inactive",
    nature: "fact",
    intervalMs: config.unit_inactive_expected.interval,
    confirmMs: config.unit_inactive_expected.confirm,
    async run({ signal }) {
      const unavailable = await units.unavailable();
      if (unavailable !== null) return [{ skipped: unavailable }];
      const listed = await units.list(signal);
      const results: Result[] = [];
      for (const state of await candidates(signal, listed)) results.push(await judge(state, signal));
      const bad = results.filter(({ status }) => status !== "ok");
      const before = memory.names();
      for (const { name, active, sub } of listed) {
        if (!before.includes(name) || results.some(({ target }) => target === name)) continue;
        results.push({
          target: name,
          owner: `unit:${name}`,
          status: "ok",
          summary: `${name} is ${active} (${sub})`,
        });
      }
      memory.keep(
        results
          .map(({ target }) => target)
          .filter((name) => before.includes(name) || bad.some(({ target }) => target === name)),
      );
      const host: Result = {
        target: "host",
        status: "ok",
        summary: bad.length === 0 ? "all enabled units run" : `${bad.length} enabled units do not run`,
        metrics: { "unit.inactive_expected": bad.length },
      };
      return [host, ...results];
    },
  };
}
