/** load_per_core: the run queue, with tasks that wait for disks, per processor. */
import { judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseLoadAverage } from "../common/proc/loadavg.parse.ts";
import { parseStat } from "../common/proc/stat.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";

export const loadPerCoreConfig = section("Load average per processor.", {
  ...timing({ interval: "15s", confirm: "15m" }),
  ...limits("per_core", "1 minute load average divided by processors", { warning: 2, clearWarning: 1.75 }),
  load15_warning_per_core: limits("per_core", "15 minute load average divided by processors, observed only", {
    warning: 2,
  }).warning_per_core,
  load15_clear_per_core: limits("per_core", "15 minute load average divided by processors, observed only", {
    clearWarning: 1.75,
  }).clear_warning_per_core,
}).prefault({});

export function createLoadPerCore(ctx: PluginContext, config: z.infer<typeof loadPerCoreConfig>): Check {
  const limit = thresholds(config, "per_core");
  const limit15 = {
    warning: config.load15_warning_per_core ?? undefined,
    clearWarning: config.load15_clear_per_core ?? undefined,
  };
  /** The host's own count: Cortex may run in a container that was given fewer processors. */
  const countCpus = async () => {
    const text = await ctx.fs.readTextIfPresent("/proc/stat");
    return (text === null ? 0 : parseStat(text).cpuCount) || ctx.node.cpuCount;
  };
  return {
    name: "load_per_core",
    summary: "Load average per processor",
    type: "cpu.load",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(
        ctx.fs,
        "/proc/loadavg",
        "no /proc/loadavg: the host's /proc is not mounted below host_root",
      );
      if (isSkipped(text)) return [text];
      const load = parseLoadAverage(text);
      const cpus = await countCpus();
      const perCore = (value: number) => value / cpus;
      const words = (minutes: number, value: number) =>
        `load ${value.toFixed(2)} over ${minutes} min on ${cpus} processors: ${perCore(value).toFixed(2)} each`;
      return [
        {
          target: "host",
          status: judge(perCore(load.load1), limit, run.previous("host")),
          summary: words(1, load.load1),
          metrics: {
            "cpu.load1": load.load1,
            "cpu.load5": load.load5,
            "cpu.load15": load.load15,
            "cpu.load1_per_core": perCore(load.load1),
            "cpu.load15_per_core": perCore(load.load15),
          },
        },
        {
          target: "load15",
          status: judge(perCore(load.load15), limit15, run.previous("load15")),
          summary: words(15, load.load15),
          observe: true,
        },
      ];
    },
  };
}
