/** agent_footprint: a watcher that eats the host is worse than none. */
import {
  type Check,
  formatBytes,
  formatDuration,
  formatRatio,
  judge,
  type PluginContext,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import { thresholds } from "../common/check-config.ts";
import { createWindow, settledMean } from "../common/window.ts";

export interface FootprintConfig {
  interval: number;
  confirm: number;
  window: number;
  warning_ratio: number | null;
  critical_ratio: number | null;
  clear_warning_ratio: number | null;
  clear_critical_ratio: number | null;
  warning_memory: number;
  critical_memory: number;
}

export function createFootprintCheck(ctx: PluginContext, config: FootprintConfig): Check {
  const cpuLimits = thresholds(config, "ratio");
  const memoryLimits = { warning: config.warning_memory, critical: config.critical_memory };
  const window = createWindow<number>(config.window, (before, after) => after < before);

  function judgeMemory(rssBytes: number, previous: Status | null): Result {
    const status = judge(rssBytes, memoryLimits, previous);
    return {
      target: "memory",
      status,
      summary: `cortex holds ${formatBytes(rssBytes)}`,
      metrics: { "cortex.memory_bytes": rssBytes },
      // A large fleet or many plugins of one's own may need it: shown, and told only when it is critical.
      ...(status === "warning" && { observe: true }),
    };
  }

  function judgeCpu(cpuSeconds: number, previous: Status | null): Result | Skipped {
    const change = window.add(ctx.clock.monotonic(), cpuSeconds);
    if (change === null) return { target: "cpu", skipped: "first reading: a share of time needs two" };
    const mean = (change.now - change.first) / (change.spanMs / 1000);
    const wasBad = previous === "warning" || previous === "critical";
    return {
      target: "cpu",
      status: judge(settledMean(mean, change.spanMs, config.window, wasBad), cpuLimits, previous),
      summary: `cortex took ${formatRatio(mean)} of one processor over ${formatDuration(change.spanMs)}`,
      metrics: { "cortex.cpu_seconds_total": cpuSeconds, "cortex.cpu_ratio": mean },
    };
  }

  return {
    name: "agent_footprint",
    summary: "Memory and processor time that Cortex itself takes.",
    type: "agent.footprint",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run({ previous, oneShot }): Promise<(Result | Skipped)[]> {
      if (oneShot) return [{ skipped: "measured in the running daemon only" }];
      const { rssBytes, cpuSeconds } = ctx.self();
      return [judgeMemory(rssBytes, previous("memory")), judgeCpu(cpuSeconds, previous("cpu"))];
    },
  };
}
