/** zombies: processes that ended but whose parent does not ask for their exit status. Each holds a pid for ever. */
import { judge, oneLine } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import type { ProcessStat } from "../common/proc/pid-stat.parse.ts";
import { scanProcesses, unitOf } from "../common/proc/processes.ts";

export const zombiesConfig = section("Ended processes whose parent does not collect them.", {
  // A minute: the pass over /proc/PID/stat costs about 10 µs a process, and zombies don't come and go.
  ...timing({ interval: "60s", confirm: "10m" }),
  ...limits("count", "Zombie processes", { warning: 20, critical: 100 }),
}).prefault({});

/** Letters of the state column (proc_pid_stat(5)) by the name that the metric gets. */
const STATES: Record<string, string> = {
  running: "R",
  sleeping: "S",
  blocked: "D",
  zombie: "Z",
  stopped: "Tt",
  idle: "I",
};

function metricsOf(processes: ProcessStat[]): Record<string, number> {
  const metrics: Record<string, number> = {
    "processes.count": processes.length,
    "processes.threads": processes.reduce((sum, process) => sum + process.threads, 0),
  };
  for (const [name, letters] of Object.entries(STATES))
    metrics[`processes.${name}`] = processes.filter(({ state }) => letters.includes(state)).length;
  return metrics;
}

/** The parent with most of them; null when there are no zombies. */
function worstParent(processes: ProcessStat[], zombies: ProcessStat[]) {
  const counts = new Map<number, number>();
  for (const { parent } of zombies) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  const [worst] = [...counts].sort(([, a], [, b]) => b - a);
  if (worst === undefined) return null;
  const [pid, count] = worst;
  const name = oneLine(processes.find((process) => process.pid === pid)?.comm ?? "");
  return { pid, count, name: name || "unnamed" };
}

export function createZombies(ctx: PluginContext, config: z.infer<typeof zombiesConfig>): Check {
  const limit = thresholds(config, "count");
  return {
    name: "zombies",
    summary: "Ended processes whose parent does not collect them",
    type: "process.zombies",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const processes = await scanProcesses(ctx.fs);
      if (processes.length === 0)
        return [{ skipped: "no processes in /proc: the host's /proc is not mounted below host_root" }];
      const zombies = processes.filter(({ state }) => state === "Z");
      const status = judge(zombies.length, limit, run.previous("host"));
      const parent = worstParent(processes, zombies);
      // Pid 1 collects orphans by itself; restarting its "unit" is not a thing.
      const unit =
        status === "ok" || parent === null || parent.pid === 1 ? null : await unitOf(ctx.fs, parent.pid);
      return [
        {
          target: "host",
          status,
          summary:
            `${zombies.length} of ${processes.length} processes are zombies` +
            (parent === null
              ? ""
              : `, ${parent.count} of them children of ${parent.name} (pid ${parent.pid})`),
          metrics: metricsOf(processes),
          ...(unit !== null && { owner: `unit:${unit}` }),
          ...(status !== "ok" && parent !== null && { data: { parent: { ...parent, unit } } }),
        },
      ];
    },
  };
}
