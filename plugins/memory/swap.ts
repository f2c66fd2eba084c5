/**
 * swap_used: full swap alone is no trouble, because what lies there may never be wanted again. It is told to people only
 * while memory is short as well: tasks wait for it, or much was swapped out lately. Else it is observed.
 */
import { duration, formatBytes, formatRatio, isCortexError, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseMemoryInfo } from "../common/proc/meminfo.parse.ts";
import type { MemoryInfo } from "../common/proc/meminfo.parse.ts";
import { parsePressure } from "../common/proc/pressure.parse.ts";
import { parseVmStat } from "../common/proc/vmstat.parse.ts";
import type { VmStat } from "../common/proc/vmstat.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createWindow } from "../common/window.ts";
import { NO_MEMINFO } from "./available.ts";

const share = (fallback: number) => z.number().nonnegative().prefault(fallback);

export const swapUsedConfig = section("Swap in use; observed unless memory is short as well.", {
  ...timing({ interval: "15s", confirm: "30s" }),
  ...limits("ratio", "Swap in use as a share of all", {
    warning: 0.9,
    critical: 0.98,
    clearWarning: 0.8,
    clearCritical: 0.9,
  }),
  pressure_ratio: share(0.1).describe(
    "People are told only if tasks waited for memory at least this share of the last minute, or if swapped_out_ratio is reached.",
  ),
  swapped_out_ratio: share(0.3).describe(
    "People are told if this share of all memory was swapped out within traffic_window.",
  ),
  traffic_window: duration("30m").describe("Time over which what was swapped out is summed up."),
}).prefault({});

const PRESSURE = "/proc/pressure/memory";

/** Share of the last minute in which tasks waited for memory; 0 where the kernel doesn't tell. */
async function memoryPressure(ctx: PluginContext): Promise<number> {
  try {
    const text = await ctx.fs.readTextIfPresent(PRESSURE);
    return text === null ? 0 : parsePressure(text, PRESSURE).some.avg60Ratio;
  } catch (error) {
    // Switched off at boot (EOPNOTSUPP) or not ours to read: psi_memory says so, here it only means "no sign of need".
    if (isCortexError(error) && error.code.startsWith("fs.")) return 0;
    throw error;
  }
}

function metricsOf(memory: MemoryInfo, vm: VmStat | null): Record<string, number> {
  const used = memory.swapTotalBytes - memory.swapFreeBytes;
  return {
    "swap.total_bytes": memory.swapTotalBytes,
    "swap.used_bytes": used,
    "swap.used_ratio": used / memory.swapTotalBytes,
    "swap.cached_bytes": memory.swapCachedBytes,
    ...(vm !== null && {
      "swap.in_bytes_total": vm.swapInPages * memory.pageBytes,
      "swap.out_bytes_total": vm.swapOutPages * memory.pageBytes,
      "memory.major_faults_total": vm.majorFaults,
    }),
  };
}

export function createSwapUsed(ctx: PluginContext, config: z.infer<typeof swapUsedConfig>): Check {
  const limit = thresholds(config, "ratio");
  const window = createWindow<number>(config.traffic_window, (before, after) => after < before);
  return {
    name: "swap_used",
    summary: "Swap in use; observed unless memory is short as well",
    type: "memory.swap",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(ctx.fs, "/proc/meminfo", NO_MEMINFO);
      if (isSkipped(text)) return [text];
      const memory = parseMemoryInfo(text);
      if (memory.swapTotalBytes === 0) return [{ skipped: "no swap is configured" }];
      const vmText = await ctx.fs.readTextIfPresent("/proc/vmstat");
      const vm = vmText === null ? null : parseVmStat(vmText);
      const change = vm === null ? null : window.add(ctx.clock.monotonic(), vm.swapOutPages);
      const swappedOut = change === null ? 0 : (change.now - change.first) * memory.pageBytes;
      const waiting = await memoryPressure(ctx);
      const isShort =
        waiting >= config.pressure_ratio || swappedOut / memory.totalBytes >= config.swapped_out_ratio;
      const used = memory.swapTotalBytes - memory.swapFreeBytes;
      const ratio = used / memory.swapTotalBytes;
      return [
        {
          target: "host",
          status: judge(ratio, limit, run.previous("host")),
          summary:
            `${formatBytes(used)} of ${formatBytes(memory.swapTotalBytes)} swap used (${formatRatio(ratio)}), ` +
            `tasks waited for memory ${formatRatio(waiting)} of the last minute`,
          metrics: metricsOf(memory, vm),
          observe: !isShort,
        },
      ];
    },
  };
}
