/** Is the declared service there? One result per instance: process and port, or unit and port. */
import { type Check, formatDuration, type PluginContext, type Result, type Status } from "cortex";
import { isSystemdRunning, NO_SYSTEMD, showUnits } from "../common/systemd-unit.ts";
import type { PortGuard, PortState } from "./port-guard.ts";
import type { ServiceConfig } from "./service.config.ts";
import { describeEnd } from "./service.state.ts";
import type { Supervisor } from "./supervisor.ts";

interface Verdict {
  status: Status;
  summary: string;
  type?: string;
  certain?: boolean;
  metrics?: Record<string, number>;
  data?: Record<string, unknown>;
}

export function createServiceCheck(
  ctx: PluginContext,
  config: ServiceConfig,
  owner: string,
  judge: (previous: Status | null, signal: AbortSignal) => Promise<Verdict>,
): Check {
  return {
    name: "service",
    summary: "A declared service runs and its port is open.",
    type: "service.down",
    nature: "fact",
    intervalMs: 10_000,
    confirmMs: 5000,
    async run({ previous, signal }) {
      signal.throwIfAborted();
      if (config.manager === "systemd" && !(await isSystemdRunning(ctx.fs)))
        return [{ skipped: NO_SYSTEMD, target: ctx.instance }];
      const verdict = await judge(previous(ctx.instance), signal);
      const result: Result = { target: ctx.instance, owner, ...verdict };
      if (config.depends_on.length > 0) result.dependsOn = config.depends_on;
      return [result];
    },
  };
}

const portName = (config: ServiceConfig) => `${config.address}:${config.port}`;

function taken(
  config: ServiceConfig,
  who: string,
  { holder }: { holder: { pid: number; name: string } | null },
): Verdict {
  const by = holder ? `process ${holder.pid} (${holder.name})` : "a process that Cortex may not look into";
  return {
    status: "critical",
    type: "service.port_taken",
    summary: `${who}, and ${portName(config)} is held by ${by}, which is not this service`,
    data: { port: config.port, holderPid: holder?.pid ?? null },
  };
}

/** The kernel closes the port of a process some moments after nothing else is left of it: no stranger holds it then. */
const CLOSING_MS = 1000;

/** A process that Cortex supervises itself. */
export function judgeProcess(
  ctx: PluginContext,
  config: ServiceConfig,
  supervisor: Supervisor,
  guard: PortGuard | null,
) {
  const name = ctx.instance;

  function down(port: PortState | null): Verdict {
    const { ended } = supervisor.state.read();
    const how = ended ? `: ${describeEnd(ended)}` : "";
    const words = ended && ended.lastLine !== "" ? { detail: `last line of its log: ${ended.lastLine}` } : {};
    const certain = supervisor.endIsKnown() ? { certain: true } : {};
    const closing = ended !== null && ctx.clock.now() - ended.at < CLOSING_MS;
    if (port?.kind === "stranger" && !(port.holder === null && closing))
      return { ...taken(config, `${name} is not running`, port), ...certain };
    const left =
      port?.kind === "ours" ? `; ${portName(config)} is still held by a process it left behind` : "";
    return { status: "critical", summary: `${name} is not running${how}${left}`, ...words, ...certain };
  }

  return async (previous: Status | null): Promise<Verdict> => {
    const busy = supervisor.busy();
    if (busy !== null) return { status: previous ?? "ok", summary: `${name} is ${busy}` };
    const running = supervisor.state.current();
    const known = supervisor.state.read().running;
    const port = guard && (await guard.look(known?.identity ?? null, running !== null));
    if (!running) return down(port);
    const { pid } = running.identity;
    const ageMs = Math.max(0, supervisor.ageMs(running.identity));
    const metrics = { "service.uptime_seconds": ageMs / 1000 };
    const who = `${name} runs as process ${pid}`;
    if (port?.kind === "stranger") return { ...taken(config, who, port), metrics };
    if (port?.kind === "closed" && ageMs < config.ready)
      // A problem that is already open must not end before the port answers, nor because a look gave no answer meanwhile.
      return {
        status: previous ?? "ok",
        summary: `${who}, starting: ${portName(config)} does not answer yet`,
        metrics,
      };
    if (port?.kind === "closed")
      return {
        status: "critical",
        type: "service.unhealthy",
        summary: `${who}, but nothing listens on ${portName(config)}`,
        metrics,
      };
    const older =
      JSON.stringify(running.argv) === JSON.stringify(config.start) ? "" : ", started by an older command";
    const listens = port ? `, listens on ${portName(config)}` : "";
    return { status: "ok", summary: `${who} since ${formatDuration(ageMs)}${listens}${older}`, metrics };
  };
}

const CHANGING = ["activating", "deactivating", "reloading", "refreshing"];

/** A unit that systemd runs; repairs of units are found by its owner. */
export function judgeUnit(ctx: PluginContext, config: ServiceConfig, guard: PortGuard | null) {
  const unit = config.unit ?? "";
  return async (previous: Status | null, signal: AbortSignal): Promise<Verdict> => {
    const properties = ["LoadState", "ActiveState", "SubState", "Result", "MainPID"];
    const [state = {}] = await showUnits(ctx.exec, [unit], properties, signal);
    if (state["LoadState"] !== "loaded")
      return { status: "critical", summary: `${unit} is ${state["LoadState"] ?? "unknown to systemd"}` };
    const active = state["ActiveState"] ?? "unknown";
    if (CHANGING.includes(active)) return { status: previous ?? "ok", summary: `${unit} is ${active}` };
    if (active !== "active") {
      const why = state["Result"] && state["Result"] !== "success" ? `, result ${state["Result"]}` : "";
      return { status: "critical", summary: `${unit} is ${active} (${state["SubState"] ?? "?"}${why})` };
    }
    // Which processes belong to a unit is its cgroup's business: only "nobody listens" is judged here.
    if (!guard || (await guard.look(null, true)).kind !== "closed")
      return { status: "ok", summary: `${unit} is active (${state["SubState"] ?? "?"})` };
    return {
      status: "critical",
      type: "service.unhealthy",
      summary: `${unit} is active, but nothing listens on ${portName(config)}`,
    };
  };
}
