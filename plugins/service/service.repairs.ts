/** Start, restart and reload of a process that Cortex supervises itself. */
import {
  type ConfigTest,
  defineRepair,
  type PluginContext,
  type Precondition,
  type ProbeOutcome,
  type Repair,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import { configTestOf, runConfigTest } from "../common/config-test.ts";
import type { PortGuard } from "./port-guard.ts";
import type { ServiceConfig } from "./service.config.ts";
import type { Supervisor } from "./supervisor.ts";

const params = z.strictObject({ id: z.string().describe("Instance of the service.") });
type Params = z.infer<typeof params>;

const LOG_LINES = 200;

export function createServiceRepairs(
  ctx: PluginContext,
  config: ServiceConfig,
  owner: string,
  supervisor: Supervisor,
  guard: PortGuard | null,
): Repair[] {
  const id = ctx.instance;
  const what = `process ${id}`;
  const { state } = supervisor;
  const program = config.start?.[0] ?? "";
  const isOurs = (problem: { owner: string | null }) => problem.owner === owner;

  async function executable(): Promise<Precondition> {
    const name = "program exists";
    const present = await ctx.fs.exists(program).catch(() => false);
    return { name, ok: present, detail: present ? program : `${program} does not exist; correct "start"` };
  }

  async function portFree(): Promise<Precondition[]> {
    if (!guard) return [];
    const look = await guard.look(state.read().running?.identity ?? null, state.current() !== null);
    const by =
      look.kind === "stranger" ? (look.holder ? `process ${look.holder.pid}` : "another process") : "";
    const detail =
      by === "" ? `port ${config.port} is free or its own` : `port ${config.port} is held by ${by}`;
    return [{ name: "port is not held by a stranger", ok: by === "", detail }];
  }

  /** Alive, and its port is open and its own. */
  async function works(): Promise<Precondition> {
    const name = "process and port";
    const running = state.current();
    if (!running) return { name, ok: false, detail: `${what} is not running` };
    const port = guard && (await guard.look(running.identity, true));
    const ok = port === null || port.kind === "ours";
    const detail = `${what} runs as ${running.identity.pid}`;
    return {
      name,
      ok,
      detail: ok
        ? detail
        : `${detail}, but port ${config.port} is ${port.kind === "closed" ? "closed" : "not its own"}`,
    };
  }

  /** `other`: what it means that a process runs which this intent did not start. */
  const probe =
    (other: ProbeOutcome) =>
    async (_params: Params, run: RepairRun): Promise<ProbeOutcome> => {
      const running = await supervisor.adopt();
      if (running) return running.intent === run.intentId ? "done" : other;
      return (await state.startedBy(run.intentId)) ? "unknown" : "not_done";
    };

  const configTest = async (_params: Params, run: RepairRun): Promise<ConfigTest | null> => {
    const command = config.config_test ?? configTestOf({ argv: state.argv });
    return (
      command && runConfigTest(ctx.exec, command, { cwd: config.cwd, env: config.env, signal: run.signal })
    );
  };

  const evidence = async (): Promise<Record<string, string>> => {
    const text = state.logFile === null ? null : await ctx.fs.readTextIfPresent(state.logFile);
    return { [`${id}.log`]: (text ?? "").split("\n").slice(-LOG_LINES).join("\n") };
  };

  const timeoutMs = config.ready + config.stop_timeout * 2 + 15_000;

  const start = defineRepair<Params>({
    name: "service.start",
    version: 1,
    program,
    summary: "Start a declared process that is not running.",
    class: "R2",
    remedies: ["service.down"],
    owners: ["process"],
    order: 10,
    supervised: true,
    timeoutMs,
    params,
    resolve: (problem) => (isOurs(problem) && problem.target === id ? { id } : null),
    async preconditions() {
      const running = state.current();
      const detail = running ? `already runs as process ${running.identity.pid}` : "not running";
      return [
        { name: "not running", ok: running === null, detail },
        await executable(),
        ...(await portFree()),
      ];
    },
    async plan() {
      const left = (await supervisor.leftovers()).map(({ identity }) => ({
        what: `process ${identity.pid}, left behind by ${id}`,
        from: "running",
        to: "ended",
      }));
      return {
        summary: `start ${what}`,
        changes: [...left, { what, from: "dead", to: "running" }],
        effects: [{ kind: "service", verb: "start", name: id }],
        data: { argv: state.argv },
      };
    },
    configTest,
    apply: (_params, _plan, run) => supervisor.start(run.intentId, run.signal),
    verify: works,
    probe: probe("unknown"),
    // Stopping what was just started would only bring the fault back.
    undo: "nothing",
    evidence,
  });

  const restart = defineRepair<Params>({
    name: "service.restart",
    version: 1,
    program,
    summary: "Stop a declared process that does not work, and start it again.",
    class: "R2",
    remedies: ["service.unhealthy", "http.probe", "port.closed"],
    owners: ["process"],
    order: 50,
    timeoutMs,
    params,
    resolve: (problem) => (isOurs(problem) ? { id } : null),
    preconditions: async () => [await executable(), ...(await portFree())],
    async plan() {
      const running = state.current();
      const from = running ? `running (process ${running.identity.pid})` : "dead";
      return {
        summary: `restart ${what}`,
        changes: [{ what, from, to: "running (new process)" }],
        effects: [{ kind: "service", verb: "restart", name: id }],
        data: { argv: state.argv },
      };
    },
    configTest,
    apply: (_params, _plan, run) => supervisor.restart(run.intentId, run.signal),
    verify: works,
    // The old process is still there: it was not even asked to end, or did not.
    probe: probe("not_done"),
    // The process that ran before is gone for good.
    undo: "nothing",
    evidence,
  });

  const reload = defineRepair<Params>({
    name: "service.reload",
    version: 1,
    summary: "Let a declared process read its configuration again.",
    class: "R1",
    remedies: ["http.probe"],
    owners: ["process"],
    order: 20,
    params,
    resolve(problem) {
      // Once per problem: if a reload did not help, the next candidate restarts.
      const tried = (state.read().reloadedAt ?? 0) >= problem.openedAt;
      return isOurs(problem) && config.reload_signal !== undefined && state.current() && !tried
        ? { id }
        : null;
    },
    async preconditions() {
      const running = state.current();
      return [
        {
          name: "running",
          ok: running !== null,
          detail: running ? `process ${running.identity.pid}` : "not running",
        },
      ];
    },
    async plan() {
      const signal = config.reload_signal ?? "no signal";
      return {
        summary: `send ${signal} to ${what}`,
        changes: [{ what, from: "running", to: "running, reloaded" }],
        effects: [{ kind: "service", verb: "reload", name: id }],
      };
    },
    configTest,
    async apply() {
      const running = state.current();
      state.write({ reloadedAt: ctx.clock.now() });
      const sent = running !== null && supervisor.reload(running);
      return {
        ok: sent,
        summary: sent ? `sent ${config.reload_signal} to ${what}` : `${what} is not running`,
      };
    },
    verify: works,
    // Whether the signal arrived can't be seen from outside, and reading the same configuration twice changes nothing.
    probe: async () => "not_done",
    // The configuration is unchanged; what ran before it was read is not kept anywhere.
    undo: "nothing",
    evidence,
  });

  return [start, restart, reload];
}
