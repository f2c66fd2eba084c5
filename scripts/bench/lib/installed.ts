/** Peers are Debian's packages; one that is not there is skipped with a reason, never a failure. */
import { existsSync } from "node:fs";

export const NODE_EXPORTER = {
  path: "/usr/bin/prometheus-node-exporter",
  package: "prometheus-node-exporter",
};
export const MONIT = { path: "/usr/bin/monit", package: "monit" };
export const MONITORING_PLUGINS = {
  path: "/usr/lib/nagios/plugins/check_load",
  package: "monitoring-plugins-basic",
};

/** null when it is there. */
export const missing = (program: { path: string; package: string }): string | null =>
  existsSync(program.path) ? null : `install the package ${program.package}`;
