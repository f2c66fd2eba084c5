import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { limits } from "../common/check-config.ts";
import { createEndGroup } from "./end-group.ts";
import { createRunaway } from "./runaway.ts";

export default definePlugin({
  name: "runaway",
  version: "1.0.0",
  sdk: 1,
  summary:
    "Ends process groups of declared programs that keep processors busy without end, once somebody agrees.",
  config: z.strictObject({
    program: z
      .string()
      .max(4096)
      .regex(/^\/[^\0\n]*[^/\0\n]$/, { error: "must be the absolute path of a program" })
      .describe("The program, as /proc/PID/exe shows it: an absolute path without symlinks."),
    ...limits("cores", "Processors that one process group keeps busy", {
      critical: 0.95,
      clearCritical: 0.5,
    }),
    stop_timeout: duration("10s").describe("Time to end after SIGTERM; then SIGKILL."),
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fs-read", "daemon"],
  setup: (ctx, config) => ({
    checks: [createRunaway(ctx, config)],
    repairs: [createEndGroup(ctx, config)],
  }),
});
