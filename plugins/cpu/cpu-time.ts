/** Where the processors' time went: cpu_usage and cpu_steal, both from the first line of /proc/stat. */
import { duration, formatDuration, formatRatio, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseStat } from "../common/proc/stat.parse.ts";
import type { CpuTimes, KernelStat } from "../common/proc/stat.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createWindow, settledMean } from "../common/window.ts";
import { shares } from "./cpu.parse.ts";

export const cpuUsageConfig = section("Mean share of time in which the processors worked.", {
  ...timing({ interval: "15s", confirm: "0s" }),
  window: duration("10m").describe("The mean is taken over this time; it does what confirm does elsewhere."),
  ...limits("ratio", "Mean share of time in which the processors worked", {
    warning: 0.85,
    critical: 0.95,
    clearWarning: 0.75,
    clearCritical: 0.85,
  }),
}).prefault({});

export const cpuStealConfig = section("Share of time in which the hypervisor ran others.", {
  ...timing({ interval: "15s", confirm: "0s" }),
  window: duration("20m").describe("The mean is taken over this time; it does what confirm does elsewhere."),
  ...limits("ratio", "Mean share of time that the hypervisor gave to others", {
    warning: 0.1,
    clearWarning: 0.05,
  }),
}).prefault({});

const NO_STAT = "no /proc/stat: the host's /proc is not mounted below host_root";
const FIRST = "first reading: a share of time needs two";

/** /proc/stat with what changed over the window; both checks keep a window of their own, because theirs differ. */
function createReader(ctx: PluginContext, windowMs: number) {
  const window = createWindow<CpuTimes>(windowMs, (before, after) => after.total < before.total);
  return async () => {
    const text = await readOrSkip(ctx.fs, "/proc/stat", NO_STAT);
    if (isSkipped(text)) return text;
    const stat = parseStat(text);
    const change = window.add(ctx.clock.monotonic(), stat.cpu);
    if (change === null) return { skipped: FIRST };
    return {
      stat,
      spanMs: change.spanMs,
      mean: shares(change.first, change.now),
      now: shares(change.last, change.now),
    };
  };
}

function usageMetrics(
  stat: KernelStat,
  now: ReturnType<typeof shares>,
  mean: number,
): Record<string, number> {
  return {
    "cpu.usage_ratio": now.busy,
    "cpu.usage_mean_ratio": mean,
    "cpu.user_ratio": now.user,
    "cpu.system_ratio": now.system,
    "cpu.irq_ratio": now.irq,
    "cpu.iowait_ratio": now.iowait,
    "cpu.idle_ratio": now.idle,
    "cpu.count": stat.cpuCount,
    "kernel.context_switches_total": stat.contextSwitches,
    "kernel.forks_total": stat.forks,
    "kernel.runnable_tasks": stat.running,
    "kernel.blocked_tasks": stat.blocked,
  };
}

export function createCpuUsage(ctx: PluginContext, config: z.infer<typeof cpuUsageConfig>): Check {
  const read = createReader(ctx, config.window);
  const limit = thresholds(config, "ratio");
  return {
    name: "cpu_usage",
    summary: "Mean share of time in which the processors worked",
    type: "cpu.usage",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    needsTwoReadings: true,
    async run(run): Promise<(Result | Skipped)[]> {
      const reading = await read();
      if (isSkipped(reading)) return [reading];
      const { stat, spanMs, mean, now } = reading;
      const previous = run.previous("host");
      const wasBad = previous === "warning" || previous === "critical";
      const judged = run.oneShot ? mean.busy : settledMean(mean.busy, spanMs, config.window, wasBad);
      return [
        {
          target: "host",
          status: judge(judged, limit, previous),
          summary:
            `processors ${formatRatio(mean.busy)} busy over ${formatDuration(spanMs)}, ` +
            `${formatRatio(now.busy)} now (user ${formatRatio(now.user)}, system ${formatRatio(now.system)}, ` +
            `waiting for disks ${formatRatio(now.iowait)})`,
          metrics: usageMetrics(stat, now, mean.busy),
        },
      ];
    },
  };
}

export function createCpuSteal(ctx: PluginContext, config: z.infer<typeof cpuStealConfig>): Check {
  const read = createReader(ctx, config.window);
  const limit = thresholds(config, "ratio");
  return {
    name: "cpu_steal",
    summary: "Share of time in which the hypervisor ran others",
    type: "cpu.steal",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    needsTwoReadings: true,
    async run(run): Promise<(Result | Skipped)[]> {
      const reading = await read();
      if (isSkipped(reading)) return [reading];
      const { spanMs, mean, now } = reading;
      const previous = run.previous("host");
      const wasBad = previous === "warning" || previous === "critical";
      const judged = run.oneShot ? mean.steal : settledMean(mean.steal, spanMs, config.window, wasBad);
      return [
        {
          target: "host",
          status: judge(judged, limit, previous),
          summary:
            `the hypervisor took ${formatRatio(mean.steal)} of the processors' time ` +
            `over ${formatDuration(spanMs)}, ${formatRatio(now.steal)} now`,
          metrics: { "cpu.steal_ratio": now.steal, "cpu.steal_mean_ratio": mean.steal },
        },
      ];
    },
  };
}
