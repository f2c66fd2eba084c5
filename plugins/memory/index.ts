import { definePlugin } from "cortex";
import * as z from "zod";
import { createMemoryAvailable, memoryAvailableConfig } from "./available.ts";
import { createOomKill, oomKillConfig } from "./oom-kill.ts";
import { createSwapUsed, swapUsedConfig } from "./swap.ts";

export default definePlugin({
  name: "memory",
  version: "1.0.0",
  sdk: 1,
  summary: "Memory that programs can still get, swap, and what the kernel killed for want of memory.",
  config: z.strictObject({
    mem_available: memoryAvailableConfig,
    oom_kill: oomKillConfig,
    swap_used: swapUsedConfig,
  }),
  modes: ["agent"],
  capabilities: ["fs-read", "exec:journalctl"],
  setup: (ctx, config) => ({
    checks: [
      ...(config.mem_available.enabled ? [createMemoryAvailable(ctx, config.mem_available)] : []),
      ...(config.oom_kill.enabled ? [createOomKill(ctx, config.oom_kill)] : []),
      ...(config.swap_used.enabled ? [createSwapUsed(ctx, config.swap_used)] : []),
    ],
  }),
});
