import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createRebootCheck } from "./reboot.ts";

export default definePlugin({
  name: "reboot",
  version: "1.0.0",
  sdk: 1,
  summary: "Whether installed updates wait for a reboot, and for how long.",
  config: z.strictObject({
    warning_after: duration("14d").describe("A warning when a reboot has been needed for this long."),
    critical_after: duration("30d").describe("Critical when a reboot has been needed for this long."),
  }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({ checks: [createRebootCheck(ctx, config)] }),
});
