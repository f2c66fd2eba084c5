import { definePlugin } from "cortex";
import { config, setupJournal } from "./journal.ts";

export default definePlugin({
  name: "journal",
  version: "1.0.0",
  sdk: 1,
  summary: "Makes room by cutting the systemd journal down to a size.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "exec:journalctl"],
  setup: setupJournal,
});
