import { definePlugin } from "cortex";
import * as z from "zod";
import { createDiskBusy, diskBusyConfig } from "./disk-busy.ts";

export default definePlugin({
  name: "disks",
  version: "1.0.0",
  sdk: 1,
  summary: "How long requests wait at each disk, and how busy it is.",
  config: z.strictObject({ disk_busy: diskBusyConfig }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: config.disk_busy.enabled ? [createDiskBusy(ctx, config.disk_busy)] : [],
  }),
});
