/** mem_available: the share of memory that programs can get without swapping. */
import { duration, formatBytes, formatRatio, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { estimateAvailable, parseMemoryInfo } from "../common/proc/meminfo.parse.ts";
import type { MemoryInfo } from "../common/proc/meminfo.parse.ts";
import { parseNumberFile } from "../common/proc/text.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";

export const memoryAvailableConfig = section("Memory that programs can get without swapping.", {
  ...timing({ interval: "15s", confirm: "5m" }),
  confirm_critical: duration("2m").describe("How long a critical state must last to become a problem."),
  ...limits("ratio", "Memory available to programs as a share of all", {
    warning: 0.1,
    critical: 0.05,
    clearWarning: 0.15,
    clearCritical: 0.1,
    worse: "below",
  }),
}).prefault({});

export const NO_MEMINFO = "no /proc/meminfo: the host's /proc is not mounted below host_root";
const MIN_FREE = "/proc/sys/vm/min_free_kbytes";

/** The kernel's own figure; on Linux before 3.14, which has none, its rule with our arithmetic. */
async function availableOf(ctx: PluginContext, memory: MemoryInfo): Promise<number> {
  if (memory.availableBytes !== null) return memory.availableBytes;
  const minFree = await ctx.fs.readTextIfPresent(MIN_FREE);
  return estimateAvailable(memory, minFree === null ? 0 : parseNumberFile(minFree, MIN_FREE));
}

function metricsOf(memory: MemoryInfo, available: number): Record<string, number> {
  return {
    "memory.total_bytes": memory.totalBytes,
    "memory.available_bytes": available,
    "memory.available_ratio": available / memory.totalBytes,
    "memory.used_bytes": memory.totalBytes - available,
    "memory.free_bytes": memory.freeBytes,
    "memory.cached_bytes": memory.cachedBytes,
    "memory.buffers_bytes": memory.buffersBytes,
    "memory.shared_bytes": memory.sharedBytes,
    "memory.reclaimable_slab_bytes": memory.reclaimableSlabBytes,
    "memory.dirty_bytes": memory.dirtyBytes,
    "memory.writeback_bytes": memory.writebackBytes,
    "memory.committed_bytes": memory.committedBytes,
  };
}

export function createMemoryAvailable(
  ctx: PluginContext,
  config: z.infer<typeof memoryAvailableConfig>,
): Check {
  const limit = thresholds(config, "ratio", "below");
  return {
    name: "mem_available",
    summary: "Memory that programs can get without swapping",
    type: "memory.available",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(ctx.fs, "/proc/meminfo", NO_MEMINFO);
      if (isSkipped(text)) return [text];
      const memory = parseMemoryInfo(text);
      const available = await availableOf(ctx, memory);
      const status = judge(available / memory.totalBytes, limit, run.previous("host"));
      return [
        {
          target: "host",
          status,
          summary:
            `${formatBytes(available)} of ${formatBytes(memory.totalBytes)} available ` +
            `(${formatRatio(available / memory.totalBytes)})` +
            (memory.availableBytes === null ? ", estimated: this kernel does not tell" : ""),
          metrics: metricsOf(memory, available),
          ...(status === "critical" && { confirmMs: config.confirm_critical }),
        },
      ];
    },
  };
}
