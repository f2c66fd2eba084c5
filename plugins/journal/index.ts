import { definePlugin, formatBytes } from "cortex";
import { config, setupJournal, VACUUM } from "./journal.ts";

export default definePlugin({
  name: "journal",
  version: "1.0.0",
  sdk: 1,
  summary: "Makes room by cutting the systemd journal down to a size.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "exec:journalctl", "exec:systemctl"],
  privileges: ({ max_size }) => ({
    chores: [
      {
        name: VACUUM,
        summary: `cut the journal down to ${formatBytes(max_size)}`,
        commands: [["/usr/bin/journalctl", "--quiet", `--vacuum-size=${max_size}`]],
        writes: ["/var/log/journal"],
        // Journals belong to root.
        capabilities: [],
      },
    ],
  }),
  setup: setupJournal,
});
