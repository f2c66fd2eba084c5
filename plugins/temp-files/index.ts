import { definePlugin } from "cortex";
import { config } from "./config.ts";
import { cleanPrivileges } from "./shared.ts";
import { setupTempFiles } from "./temp-files.ts";

export default definePlugin({
  name: "temp-files",
  version: "1.0.0",
  sdk: 1,
  summary: "Makes room by deleting old files in folders for temporary files.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "fs-clean", "exec:systemctl"],
  privileges: cleanPrivileges,
  setup: setupTempFiles,
});
