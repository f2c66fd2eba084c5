/** The Monitor's own figures in the Prometheus text format 0.0.4. */
import { NODE_STATES } from "../monitor/node-state.ts";
import type { Services } from "./services.ts";

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number];

const escapeLabel = (text: string) =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function family(name: string, type: "gauge" | "counter", help: string, samples: Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join("")}`;
}

const counts = (label: string, table: Record<string, number>): Sample[] =>
  Object.entries(table).map(([value, count]) => [{ [label]: value }, count]);

export function prometheusText(services: Services): string {
  const { monitor } = services;
  const { nodes } = monitor.status();
  const { messages, commits, intents, checkRuns, lost } = monitor.counters();
  const figures = services.process();
  const open = new Map<string, Sample>();
  for (const { nodeId, level, severity, count } of monitor.store.problems.openCounts()) {
    if (monitor.nodes.item(nodeId)?.state === "revoked") continue;
    const sample = open.get(`${level} ${severity}`) ?? [{ level, severity }, 0];
    sample[1] += count;
    open.set(`${level} ${severity}`, sample);
  }
  return [
    family("cortex_build_info", "gauge", "Version of this program; the value is always 1.", [
      [{ version: services.version }, 1],
    ]),
    family(
      "cortex_nodes",
      "gauge",
      "Known nodes by state.",
      counts("state", Object.fromEntries(NODE_STATES.map((state) => [state, nodes[state]]))),
    ),
    family("cortex_problems_open", "gauge", "Open problems by level and severity.", [...open.values()]),
    family(
      "cortex_intents_total",
      "counter",
      "Intents that entered a state since the start.",
      counts("state", intents),
    ),
    family(
      "cortex_check_runs_total",
      "counter",
      "Runs of checks reported since the start, by outcome.",
      counts("status", checkRuns),
    ),
    family(
      "cortex_messages_total",
      "counter",
      "Messages of nodes since the start, by what became of them.",
      counts("outcome", messages),
    ),
    family("cortex_commits_total", "counter", "Transactions that stored messages since the start.", [
      [{}, commits],
    ]),
    family(
      "cortex_history_failures_total",
      "counter",
      "Batches of reports whose metrics could not be kept.",
      [[{}, lost.history ?? 0]],
    ),
    family("cortex_live_clients", "gauge", "Open live connections.", [[{}, monitor.hub.clients()]]),
    family("process_start_time_seconds", "gauge", "Start time of the process since the epoch in seconds.", [
      [{}, figures.startedAt / 1000],
    ]),
    family("process_cpu_seconds_total", "counter", "User and system CPU time spent in seconds.", [
      [{}, figures.cpuSeconds],
    ]),
    family("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", [[{}, figures.rssBytes]]),
    ...(figures.openFiles === null
      ? []
      : [family("process_open_fds", "gauge", "Open file descriptors.", [[{}, figures.openFiles]])]),
  ].join("");
}
