import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createRebootRepair } from "./reboot.repair.ts";
import { createRebootCheck } from "./reboot.ts";

export default definePlugin({
  name: "reboot",
  version: "1.0.0",
  sdk: 1,
  summary:
    "Whether installed updates wait for a reboot, and for how long; and the reboot, once somebody agrees.",
  config: z.strictObject({
    warning_after: duration("14d").describe("A warning when a reboot has been needed for this long."),
    critical_after: duration("30d").describe("Critical when a reboot has been needed for this long."),
    command: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(50)
      .refine(([program]) => program?.startsWith("/"), {
        error: "must begin with the absolute path of a program",
      })
      .prefault(["/usr/bin/systemctl", "reboot"])
      .describe("What asks the host to boot again, with its arguments; no shell."),
    within: duration("10m").describe("The reboot has failed when the host is still up after this time."),
    min_interval: duration("24h").describe("No second reboot by Cortex within this time."),
  }),
  modes: ["agent"],
  capabilities: ["fs-read", "act:reboot"],
  setup: (ctx, config) => ({
    checks: [createRebootCheck(ctx, config)],
    repairs: [createRebootRepair(ctx, config)],
  }),
});
