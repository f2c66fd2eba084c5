import { definePlugin } from "cortex";
import * as z from "zod";
import { createFileHandles, fileHandlesConfig } from "./file-handles.ts";
import { createPidUsage, pidUsageConfig } from "./pid-usage.ts";
import { createProcFdLimit, procFdLimitConfig } from "./proc-fd-limit.ts";

export default definePlugin({
  name: "kernel-limits",
  version: "1.0.0",
  sdk: 1,
  summary: "How near the host and its processes are to limits of tasks and open files.",
  config: z.strictObject({
    pid_usage: pidUsageConfig,
    file_handles: fileHandlesConfig,
    proc_fd_limit: procFdLimitConfig,
  }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: [
      ...(config.pid_usage.enabled ? [createPidUsage(ctx, config.pid_usage)] : []),
      ...(config.file_handles.enabled ? [createFileHandles(ctx, config.file_handles)] : []),
      ...(config.proc_fd_limit.enabled ? [createProcFdLimit(ctx, config.proc_fd_limit)] : []),
    ],
  }),
});
