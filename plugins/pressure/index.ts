import { definePlugin } from "cortex";
import * as z from "zod";
import {
  createPsiCpu,
  createPsiIo,
  createPsiMemory,
  psiCpuConfig,
  psiIoConfig,
  psiMemoryConfig,
} from "./pressure.ts";

export default definePlugin({
  name: "pressure",
  version: "1.0.0",
  sdk: 1,
  summary: "How long work waits for processors, memory and disks (pressure stall information).",
  config: z.strictObject({ psi_cpu: psiCpuConfig, psi_memory: psiMemoryConfig, psi_io: psiIoConfig }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: [
      ...(config.psi_cpu.enabled ? [createPsiCpu(ctx, config.psi_cpu)] : []),
      ...(config.psi_memory.enabled ? [createPsiMemory(ctx, config.psi_memory)] : []),
      ...(config.psi_io.enabled ? [createPsiIo(ctx, config.psi_io)] : []),
    ],
  }),
});
