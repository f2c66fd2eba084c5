import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createTimeSyncCheck } from "./time-sync.ts";

export default definePlugin({
  name: "time-sync",
  version: "1.0.0",
  sdk: 1,
  summary: "Whether the clock is right, and kept so by chronyd, systemd-timesyncd or another daemon.",
  config: z.strictObject({
    offset_warning: duration("50ms").describe(
      "A warning when the clock is further off and not getting closer.",
    ),
    offset_critical: duration("1s").describe("Critical when the clock is further off."),
    max_error: duration("16s").describe("Not synchronised when the bound of its error reaches this."),
    grace: duration("17m").describe("A bad clock is told this long after boot at the earliest."),
  }),
  modes: ["agent"],
  capabilities: ["fs-read", "exec:chronyc", "exec:timedatectl"],
  setup: (ctx, config) => ({ checks: [createTimeSyncCheck(ctx, config)] }),
});
