import { definePlugin } from "cortex";
import { serviceConfig } from "./service.config.ts";
import { setupService } from "./service.ts";

export default definePlugin({
  name: "service",
  version: "1.0.0",
  sdk: 1,
  summary: "Declared services: processes that Cortex starts and supervises itself, or units of systemd.",
  config: serviceConfig,
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fs-read", "daemon", "net", "exec:systemctl", "exec-configured"],
  privileges: ({ unit, manager }) =>
    manager === "systemd" && unit !== undefined
      ? { units: [{ unit, verbs: ["start", "restart", "reload"] }] }
      : {},
  setup: setupService,
});
