/** The programs that people would use instead, configured to do about the same. */
import { mkdirSync } from "node:fs";
import type { Rig } from "../../accept/lib/rig.ts";
import { until } from "../../accept/lib/wait.ts";
import { MONIT, NODE_EXPORTER } from "./installed.ts";

export interface Exporter {
  pid: number;
  scrape(): Promise<void>;
}

/** As Debian starts it, on a port of its own. */
export const exporterArgv = (port: number): string[] => [
  NODE_EXPORTER.path,
  `--web.listen-address=127.0.0.1:${port}`,
  "--log.level=error",
];

export async function startExporter(rig: Rig): Promise<Exporter> {
  const port = await rig.port();
  const child = rig.spawn(exporterArgv(port));
  const scrape = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    await response.arrayBuffer();
  };
  await until(() => scrape().then(() => true), { what: "node_exporter answers", timeoutMs: 5000 });
  return { pid: child.pid, scrape };
}

/** Ten checks of the host: system, file systems, files and processes, as its manual shows them. */
const TEN_CHECKS = [
  "check system bench",
  "  if loadavg (5min) > 40 then alert",
  "  if cpu usage > 99% for 20 cycles then alert",
  "  if memory usage > 99% then alert",
  "check filesystem root with path /",
  "  if space usage > 99% then alert",
  "  if inode usage > 99% then alert",
  "check filesystem shm with path /dev/shm",
  "  if space usage > 99% then alert",
  "check process watcher matching monit",
  'check process first matching "init"',
  "check file passwd with path /etc/passwd",
  "  if failed permission 644 then alert",
  "check file group with path /etc/group",
  "check file hosts with path /etc/hosts",
  "check directory tmp with path /tmp",
  "check network lo with interface lo",
];

/** In the foreground; `checks` are lines of its configuration. */
export function startMonit(rig: Rig, cycleSeconds: number, checks = TEN_CHECKS): number {
  const folder = `${rig.folder}/monit-${cycleSeconds}-${checks.length}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = folder.slice(rig.folder.length + 1);
  const files = ["pid", "id", "state", "log"].map((kind) => `set ${kind}file ${folder}/monit.${kind}`);
  const config = rig.file(
    `${name}/monitrc`,
    [`set daemon ${cycleSeconds}`, ...files, ...checks, ""].join("\n"),
  );
  return rig.spawn([MONIT.path, "-I", "-c", config]).pid;
}
