import { definePlugin } from "cortex";
import * as z from "zod";
import { conntrackConfig, createConntrack } from "./conntrack.ts";

export default definePlugin({
  name: "conntrack",
  version: "1.0.0",
  sdk: 1,
  summary: "How full the firewall's table of connections is.",
  config: z.strictObject({ conntrack: conntrackConfig }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: config.conntrack.enabled ? [createConntrack(ctx, config.conntrack)] : [],
  }),
});
