import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createRemount } from "./remount.ts";

export default definePlugin({
  name: "remount",
  version: "1.0.0",
  sdk: 1,
  summary: "Gives a file system that became read-only its write access back, once somebody agrees.",
  config: z.strictObject({
    quiet_for: duration("24h").describe(
      "How long the kernel must not have told of errors of the disk, and how long a second time is left to people.",
    ),
  }),
  modes: ["agent"],
  capabilities: ["fs-read", "exec:dmesg", "act:remount"],
  setup: (ctx, config) => ({ repairs: [createRemount(ctx, config)] }),
});
