import { bytes, definePlugin, duration } from "cortex";
import * as z from "zod";
import { limits, section, timing } from "../common/check-config.ts";
import { createBackupCheck } from "./backup-health.ts";
import { createFootprintCheck } from "./footprint.ts";
import { createPluginHealthCheck } from "./plugin-health.ts";

export default definePlugin({
  name: "self",
  version: "1.0.0",
  sdk: 1,
  summary: "Cortex itself: its memory and processor time, plugins that fail, and its backups.",
  config: z.strictObject({
    agent_footprint: section("Memory and processor time of Cortex.", {
      ...timing({ interval: "15s", confirm: "10m" }),
      window: duration("10m").describe("Processor time is averaged over this."),
      ...limits("ratio", "Share of one processor", { warning: 0.02, critical: 0.05 }),
      // An agent and Monitor left alone held 136 MB after half an hour (docs/reference/performance.md): what is normal never warns.
      warning_memory: bytes("250MB").describe("A warning when Cortex holds more memory than this."),
      critical_memory: bytes("500MB").describe("Critical when Cortex holds more memory than this."),
    }).prefault({}),
    plugin_health: section("Plugins that fail again and again.", {
      ...timing({ interval: "15s", confirm: "0s" }),
      failures: z
        .number()
        .int()
        .min(1)
        .prefault(3)
        .describe("Time-outs or crashes in a row from which a plugin is a problem."),
    }).prefault({}),
    backup_health: section("Backups that fail, or are not made.", {
      ...timing({ interval: "1m", confirm: "0s" }),
      missed: z
        .number()
        .int()
        .min(1)
        .prefault(3)
        .describe("Backups in a row that are missing until it is critical; one is a warning."),
    }).prefault({}),
  }),
  modes: ["agent"],
  capabilities: [],
  setup: (ctx, config) => ({
    checks: [
      ...(config.agent_footprint.enabled ? [createFootprintCheck(ctx, config.agent_footprint)] : []),
      ...(config.plugin_health.enabled ? [createPluginHealthCheck(ctx, config.plugin_health)] : []),
      ...(config.backup_health.enabled ? [createBackupCheck(ctx, config.backup_health)] : []),
    ],
  }),
});
