import type { Check, PluginContext, Result } from "cortex";
import { showUnits } from "../common/systemd-unit.ts";
import { type Config, matchesAny } from "./config.ts";
import type { ListedUnit } from "./systemd.parse.ts";
import { createMemory, type Units } from "./units.ts";

const TYPES = /\.(service|timer|socket|mount)$/;
const PROPERTIES = ["Id", "Result", "ExecMainStatus", "NRestarts"];

/** "exit-code" with its status, "signal", "timeout", "start-limit-hit", … of systemd.service(5). */
function why(state: Record<string, string>): string {
  const result = state["Result"] ?? "";
  if (result === "" || result === "success") return "";
  const status = state["ExecMainStatus"];
  return result === "exit-code" && status !== undefined ? `: exit code ${status}` : `: ${result}`;
}

export function createFailedCheck(ctx: PluginContext, config: Config, units: Units): Check {
  const memory = createMemory(ctx, "unit_failed");

  const judge = (unit: ListedUnit, state: Record<string, string>): Result => {
    const bad = unit.active === "failed";
    const restarts = Number(state["NRestarts"] ?? Number.NaN);
    return {
      target: unit.name,
      owner: `unit:${unit.name}`,
      status: bad ? (matchesAny(unit.name, config.critical) ? "critical" : "warning") : "ok",
      summary: bad ? `${unit.name} has failed${why(state)}` : `${unit.name} is ${unit.active} (${unit.sub})`,
      ...(bad && Number.isFinite(restarts) ? { metrics: { "unit.restarts_total": restarts } } : {}),
      ...(config.idempotent.includes(unit.name) ? { tags: ["idempotent"] } : {}),
      ...(unit.description === "" ? {} : { labels: { description: unit.description } }),
    };
  };

  return {
    name: "unit_failed",
    summary: "No unit of systemd is in the state failed.",
    type: "unit.failed",
    nature: "fact",
    intervalMs: config.unit_failed.interval,
    confirmMs: config.unit_failed.confirm,
    async run({ signal }) {
      const unavailable = await units.unavailable();
      if (unavailable !== null) return [{ skipped: unavailable }];
      const all = (await units.list(signal)).filter(
        ({ name }) => TYPES.test(name) && !matchesAny(name, config.ignore),
      );
      const failed = all.filter(({ active }) => active === "failed");
      const before = memory.names();
      const shown = all.filter((unit) => failed.includes(unit) || before.includes(unit.name));
      memory.keep(shown.map(({ name }) => name));
      const states = await showUnits(
        ctx.exec,
        failed.map(({ name }) => name),
        PROPERTIES,
        signal,
      );
      const host: Result = {
        target: "host",
        status: "ok",
        summary: `${all.length} units, ${failed.length} of them failed`,
        metrics: { "unit.failed": failed.length, "unit.count": all.length },
      };
      return [
        host,
        ...shown.map((unit) => judge(unit, states.find((state) => state["Id"] === unit.name) ?? {})),
      ];
    },
  };
}
