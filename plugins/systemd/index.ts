import { definePlugin } from "cortex";
import { CONFIG_TEST_CAPABILITIES } from "../common/config-test.ts";
import { config } from "./config.ts";
import { setupSystemd } from "./systemd.ts";

export default definePlugin({
  name: "systemd",
  version: "1.0.0",
  sdk: 1,
  summary: "Units of systemd: failed, inactive though enabled, timers that did not run; and their repair.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "exec:systemctl", "exec:journalctl", ...CONFIG_TEST_CAPABILITIES],
  setup: setupSystemd,
});
