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
  worstStatus,
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

const TARGET = "cortex";

export function createFootprintCheck(ctx: PluginContext, config: FootprintConfig): Check {
  const cpuLimits = thresholds(config, "ratio");
  const memoryLimits = { warning: config.warning_memory, critical: config.critical_memory };
  const window = createWindow<number>(config.window, (before, after) => after < before);
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
      const before = previous(TARGET);
      const memory = judge(rssBytes, memoryLimits, before);
      // Agent and Monitor in one process come near the limit while all is well: shown, and told only when it is critical.
      const large = memory === "warning" && { observe: true };
      const change = window.add(ctx.clock.monotonic(), cpuSeconds);
      const metrics = { "cortex.memory_bytes": rssBytes, "cortex.cpu_seconds_total": cpuSeconds };
      if (change === null)
        return [
          { target: TARGET, status: memory, summary: `cortex holds ${formatBytes(rssBytes)}`, metrics },
        ];
      const mean = (change.now - change.first) / (change.spanMs / 1000);
      const wasBad = before === "warning" || before === "critical";
      const cpu = judge(settledMean(mean, change.spanMs, config.window, wasBad), cpuLimits, before);
      return [
        {
          target: TARGET,
          status: worstStatus([memory, cpu]),
          summary: `cortex holds ${formatBytes(rssBytes)} and took ${formatRatio(mean)} of one processor over ${formatDuration(change.spanMs)}`,
          metrics: { ...metrics, "cortex.cpu_ratio": mean },
          ...(cpu === "ok" && large),
        },
      ];
    },
  };
}
