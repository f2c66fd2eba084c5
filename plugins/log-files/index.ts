import { definePlugin } from "cortex";
import { config, ROTATE, setupLogFiles } from "./log-files.ts";

export default definePlugin({
  name: "log-files",
  version: "1.0.0",
  sdk: 1,
  summary: "Makes room by deleting old rotated logs and rotating those that are due.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read", "fs-clean", "exec:logrotate", "exec:systemctl"],
  privileges: ({ logrotate }) =>
    logrotate === null
      ? {}
      : {
          chores: [
            {
              name: ROTATE,
              summary: `rotate the logs of ${logrotate} that are due`,
              commands: [["/usr/sbin/logrotate", logrotate]],
              writes: ["/var/log", "/var/lib/logrotate"],
              // It gives new logs to their owners, and tells programs to open them.
              capabilities: [
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
                "CAP_FOWNER",
                "CAP_KILL",
                "CAP_SETGID",
                "CAP_SETUID",
              ],
            },
          ],
        },
  setup: setupLogFiles,
});
