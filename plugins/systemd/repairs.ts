/** Start, restart and reload of units; start of the mount unit behind a missing mount. */
import {
  type ConfigTest,
  defineRepair,
  type Effect,
  messageOf,
  type PluginContext,
  type ProblemView,
  type Repair,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import { configTestOf, runConfigTest } from "../common/config-test.ts";
import {
  firstLine,
  isSystemdRunning,
  mountPointOf,
  showUnits,
  UNIT_NAME,
  unitName,
} from "../common/systemd-unit.ts";
import type { Config } from "./config.ts";
import { GUARD_PROPERTIES, guardUnit, type UnitState } from "./guard.ts";

const params = z.strictObject({ unit: unitName.describe("One exact unit name.") });
type Params = z.infer<typeof params>;
type Verb = "start" | "restart" | "reload";

const effectOf = (unit: string, verb: Verb): Effect =>
  unit.endsWith(".mount")
    ? { kind: "mount", verb: "mount", path: mountPointOf(unit) }
    : { kind: "service", verb, name: unit };

/** Longer than the 90 s that systemd itself gives a start by default. */
const JOB_MS = 100_000;
const TIMEOUT_MS = 120_000;
const LOG_LINES = "200";
/** Of the evidence budget, 250 ms for all collectors. */
const EVIDENCE_MS = 200;

export function createUnitRepairs(ctx: PluginContext, config: Config): Repair[] {
  const show = async (unit: string, signal: AbortSignal): Promise<UnitState> =>
    (await showUnits(ctx.exec, [unit], GUARD_PROPERTIES, signal))[0] ?? {};

  /** The unit that answers for this problem, when it is one exact name and systemd runs. */
  async function unitOf(problem: ProblemView): Promise<string | null> {
    const unit = problem.owner?.startsWith("unit:") ? problem.owner.slice("unit:".length) : "";
    return UNIT_NAME.test(unit) && (await isSystemdRunning(ctx.fs)) ? unit : null;
  }

  async function preconditions(unit: string, verb: Verb, signal: AbortSignal) {
    const isPostgres = unit.startsWith("postgresql");
    const asked = isPostgres ? [unit, "patroni.service"] : [unit];
    const [state = {}, patroni = {}] = await showUnits(ctx.exec, asked, GUARD_PROPERTIES, signal);
    const missing = ctx.privileges.unit(unit, verb);
    const how = ctx.privileges.helper(effectOf(unit, verb)) === null ? "" : " through the privileged helper";
    const right = {
      name: "has the right",
      ok: missing === null,
      detail: missing ?? `may ${verb} ${unit}${how}`,
    };
    const guards = guardUnit(unit, state, verb, {
      protect: config.protect,
      idempotent: config.idempotent,
      crashLoopRestarts: config.crash_loop_restarts,
      uptimeMs: ctx.node.uptimeMs(),
      patroniActive: patroni["ActiveState"] === "active",
    });
    return missing === null ? guards : [right, ...guards];
  }

  async function plan(unit: string, verb: Verb, signal: AbortSignal) {
    const state = await show(unit, signal);
    const to = { start: "active", restart: "active (new processes)", reload: "active, reloaded" }[verb];
    return {
      summary: `${verb} ${unit}`,
      changes: [{ what: `unit ${unit}`, from: state["ActiveState"] ?? "unknown", to }],
      effects: [effectOf(unit, verb)],
    };
  }

  async function act(unit: string, verb: Verb, run: RepairRun) {
    const before = await show(unit, run.signal);
    // What an interrupted restart is judged by: every start of a unit gets a new invocation id.
    ctx.store.set(`invocation:${run.intentId}`, before["InvocationID"] ?? "");
    if (ctx.privileges.helper(effectOf(unit, verb)) !== null && run.helper !== undefined) {
      const outcome = await run.helper();
      ctx.store.delete(`invocation:${run.intentId}`);
      return outcome;
    }
    // Without root there is no right to it; systemd starts a failed unit all the same, unless it reached its start limit.
    if (verb !== "reload" && before["ActiveState"] === "failed" && ctx.node.isRoot)
      await ctx.exec.run(["systemctl", "reset-failed", "--", unit], { signal: run.signal });
    const argv = ["systemctl", verb, "--no-ask-password", "--", unit];
    const result = await ctx.exec.run(argv, { signal: run.signal, timeoutMs: JOB_MS });
    const after = await show(unit, run.signal);
    ctx.store.delete(`invocation:${run.intentId}`);
    const data = {
      argv,
      exitCode: result.exitCode,
      durationMs: result.durationMs,
      activeState: after["ActiveState"],
    };
    if (result.exitCode === 0)
      return { ok: true, summary: `${unit}: ${verb} done, now ${after["ActiveState"] ?? "unknown"}`, data };
    const why = result.timedOut ? `no end after ${JOB_MS / 1000} s` : firstLine(result);
    return {
      ok: false,
      summary: `systemctl ${verb} ${unit} failed: ${why}; look at "journalctl -u ${unit}"`,
      data,
    };
  }

  async function verify({ unit }: Params, run: RepairRun) {
    const state = await show(unit, run.signal);
    const jobDone =
      state["Type"] === "oneshot" && state["ActiveState"] === "inactive" && state["Result"] === "success";
    const restarts = Number(state["NRestarts"] ?? 0);
    const ok = (state["ActiveState"] === "active" || jobDone) && restarts === 0;
    const again = restarts > 0 ? `, restarted ${restarts} times since` : "";
    return {
      name: "unit is active",
      ok,
      detail: `${unit} is ${state["ActiveState"] ?? "unknown"} (${state["SubState"] ?? "?"})${again}`,
    };
  }

  const configTest = async ({ unit }: Params, run: RepairRun): Promise<ConfigTest | null> => {
    const command = configTestOf({ unit });
    return command && runConfigTest(ctx.exec, command, { signal: run.signal });
  };

  async function evidence({ unit }: Params, run: RepairRun): Promise<Record<string, string>> {
    const read = async (argv: string[]) => {
      try {
        return (await ctx.exec.run(argv, { signal: run.signal, timeoutMs: EVIDENCE_MS })).stdout;
      } catch (error) {
        return `missing: ${messageOf(error)}`;
      }
    };
    const [status, journal] = await Promise.all([
      read(["systemctl", "status", "--full", "--no-pager", "--lines=0", "--", unit]),
      read(["journalctl", "--no-pager", "--output=short-iso", `--lines=${LOG_LINES}`, `--unit=${unit}`]),
    ]);
    return { [`${unit} status`]: status, [`${unit} journal`]: journal };
  }

  const shared = (verb: Verb) => ({
    version: 1,
    params,
    owners: ["unit"],
    needs: () => ctx.privileges.missing(),
    asks: ({ unit }: Params) =>
      ctx.privileges.helper(effectOf(unit, verb)) === "decided"
        ? `root work on ${unit} goes through the privileged helper, which wants a signed approval`
        : null,
    timeoutMs: TIMEOUT_MS,
    preconditions: ({ unit }: Params, run: RepairRun) => preconditions(unit, verb, run.signal),
    plan: ({ unit }: Params, run: RepairRun) => plan(unit, verb, run.signal),
    configTest,
    apply: ({ unit }: Params, _plan: unknown, run: RepairRun) => act(unit, verb, run),
    verify: (given: Params, _plan: unknown, run: RepairRun) => verify(given, run),
    evidence,
  });
  const activeState = async (unit: string, run: RepairRun) => (await show(unit, run.signal))["ActiveState"];

  const start = defineRepair<Params>({
    ...shared("start"),
    name: "unit.start",
    summary: "Start a unit of systemd that does not run.",
    class: "R2",
    remedies: ["unit.failed", "unit.inactive", "service.down", "port.closed", "http.probe", "timer.missed"],
    order: 10,
    async resolve(problem, run) {
      const unit = await unitOf(problem);
      if (unit === null || (await activeState(unit, run)) === "active") return null;
      // A missed run is only made up for when its owner says that this does no harm.
      return problem.type === "timer.missed" && !config.idempotent.includes(unit) ? null : { unit };
    },
    async probe({ unit }, run) {
      return (await activeState(unit, run)) === "active" ? "done" : "not_done";
    },
    // Stopping the unit again would only bring the fault back.
    undo: "nothing",
  });

  const restart = defineRepair<Params>({
    ...shared("restart"),
    name: "unit.restart",
    summary: "Restart a unit of systemd that runs but does not work.",
    class: "R2",
    remedies: ["service.unhealthy", "port.closed", "http.probe"],
    order: 50,
    async resolve(problem, run) {
      const unit = await unitOf(problem);
      return unit !== null && (await activeState(unit, run)) === "active" ? { unit } : null;
    },
    async probe({ unit }, run) {
      const before = ctx.store.get<string>(`invocation:${run.intentId}`);
      const state = await show(unit, run.signal);
      if (before === null || before === "" || !state["InvocationID"]) return "unknown";
      if (state["InvocationID"] === before) return "not_done";
      return state["ActiveState"] === "active" ? "done" : "unknown";
    },
    // The processes that ran before are gone for good.
    undo: "nothing",
  });

  const reload = defineRepair<Params>({
    ...shared("reload"),
    name: "unit.reload",
    summary: "Let a unit of systemd read its configuration again.",
    class: "R1",
    remedies: ["http.probe"],
    order: 20,
    async resolve(problem, run) {
      const unit = await unitOf(problem);
      if (unit === null) return null;
      // Once per problem: if a reload did not help, the next candidate restarts.
      if ((ctx.store.get<number>(`reloaded:${unit}`) ?? 0) >= problem.openedAt) return null;
      const state = await show(unit, run.signal);
      return state["ActiveState"] === "active" && state["CanReload"] === "yes" ? { unit } : null;
    },
    apply({ unit }, _plan, run) {
      ctx.store.set(`reloaded:${unit}`, ctx.clock.now());
      return act(unit, "reload", run);
    },
    // Reading the same configuration twice changes nothing.
    probe: async () => "not_done",
    // The configuration is unchanged; what was in force before is not kept anywhere.
    undo: "nothing",
  });

  const mount = defineRepair<Params>({
    ...shared("start"),
    name: "mount.start",
    summary: "Start the mount unit of a declared mount that is missing.",
    class: "R1",
    remedies: ["mount.missing"],
    owners: ["mount"],
    maxAttempts: 2,
    configTest: undefined,
    async resolve(problem) {
      const unit = problem.result.data?.["unit"];
      if (typeof unit !== "string" || !UNIT_NAME.test(unit) || !unit.endsWith(".mount")) return null;
      return (await isSystemdRunning(ctx.fs)) ? { unit } : null;
    },
    async probe({ unit }, run) {
      return (await activeState(unit, run)) === "active" ? "done" : "not_done";
    },
    async undo({ unit }, _plan, run) {
      const result = await ctx.exec.run(["systemctl", "stop", "--no-ask-password", "--", unit], {
        signal: run.signal,
      });
      return result.exitCode === 0
        ? { ok: true, summary: `${unit} stopped again` }
        : { ok: false, summary: `systemctl stop ${unit} failed: ${firstLine(result)}` };
    },
  });

  return [start, restart, reload, mount];
}
