import { definePlugin } from "cortex";
import { config, setupLogFiles } from "./log-files.ts";

export default definePlugin({
  name: "log-files",
  version: "1.0.0",
  sdk: 1,
  summary: "Makes room by deleting old rotated logs and rotating those that are due.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "fs-clean", "exec:logrotate"],
  setup: setupLogFiles,
});
