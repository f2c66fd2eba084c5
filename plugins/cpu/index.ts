import { definePlugin } from "cortex";
import * as z from "zod";
import { createCpuSteal, createCpuUsage, cpuStealConfig, cpuUsageConfig } from "./cpu-time.ts";
import { createLoadPerCore, loadPerCoreConfig } from "./load.ts";

export default definePlugin({
  name: "cpu",
  version: "1.0.0",
  sdk: 1,
  summary: "How busy the processors are, what the hypervisor takes away, and how long the run queue is.",
  config: z.strictObject({
    cpu_usage: cpuUsageConfig,
    cpu_steal: cpuStealConfig,
    load_per_core: loadPerCoreConfig,
  }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: [
      ...(config.cpu_usage.enabled ? [createCpuUsage(ctx, config.cpu_usage)] : []),
      ...(config.cpu_steal.enabled ? [createCpuSteal(ctx, config.cpu_steal)] : []),
      ...(config.load_per_core.enabled ? [createLoadPerCore(ctx, config.load_per_core)] : []),
    ],
  }),
});
