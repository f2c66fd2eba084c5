/** What `cortex status` says to people: a line for each thing, and what to do below it. */
import { formatDuration } from "cortex";
import type { ActiveWindow, SilentNode, StatusAnswer, WaitingProblem } from "./commands/status.ts";
import { clean, paint, state, when } from "./output.ts";

/** Of what needs somebody, so many are named. */
const LONGEST = 5;

export function statusText(answer: StatusAnswer, now: number): string {
  const { needsYou, lastRepair, repairing } = answer;
  const { decisions, problems, unclear, silent, unconfirmed, pendingNodes } = needsYou;
  const needs = [
    ...(decisions ?? []).map(
      (one) =>
        `decide by ${when(one.expiresAt)} (in ${formatDuration(Math.max(0, Date.parse(one.expiresAt) - now))}): ${clean(one.summary, 60)} on ${clean(one.node, 24)}  ${paint(one.id.slice(-8), "dim")}`,
    ),
    ...problems.map(
      (one) =>
        `${state(one.severity)} since ${when(one.since)}: ${clean(one.summary, 60)} on ${clean(one.node, 24)}  ${paint(one.id.slice(-8), "dim")}${advice(one)}`,
    ),
    ...unclear.map(
      (one) =>
        `${state("unknown")} how it ended, since ${when(one.since)}: ${clean(one.summary, 60)} on ${clean(one.node, 24)}${next(`cortex intents show ${one.id.slice(-8)}`)}`,
    ),
    ...silentLines(silent),
    ...(pendingNodes === 0 ? [] : [`${counted(pendingNodes, "machine")} to let in: cortex nodes pending`]),
  ];
  const shown = needs.slice(0, LONGEST);
  const left = needs.length - shown.length;
  return [
    ["Cortex", lineOfCortex(answer)],
    ...(answer.monitor === null || !answer.running
      ? []
      : [
          [
            "Monitor",
            `${state(answer.monitor.state)} ${answer.monitor.url}${answer.monitor.reason === null ? "" : ` (${clean(answer.monitor.reason, 80)})`}`,
          ],
        ]),
    ...(answer.nodes === null
      ? []
      : [["Nodes", `${nodesLine(answer.nodes)}${answer.running ? "" : ", as last heard"}`]]),
    ["Problems", answer.openProblems === 0 ? "none open" : `${answer.openProblems} open`],
    ...(answer.switch === null ? [] : [["Repairs", REPAIRS[answer.switch]]]),
    ...maintenanceLine(answer.maintenance ?? []),
    [
      "Last repair",
      lastRepair === null
        ? "none yet"
        : `${when(lastRepair.at)} ${state(lastRepair.state)}: ${clean(lastRepair.summary, 60)} on ${clean(lastRepair.node, 24)}`,
    ],
    ...(shown.length === 0
      ? [["Needs you", answer.running ? "nothing" : "nothing that was written down"]]
      : shown.map((line, index) => [index === 0 ? "Needs you" : "", line])),
    ...(left === 0 ? [] : [["", `and ${left} more: cortex decisions, cortex problems`]]),
    ...repairingLines(repairing),
    ...(unconfirmed === 0 || !answer.running
      ? []
      : [["Watch", `${counted(unconfirmed, "critical result")} being confirmed: cortex checks`]]),
  ]
    .map(([name = "", text = ""]) => `${paint(name.padEnd(11), "dim")}  ${text}`)
    .join("\n");
}

/** Below the line it belongs to. */
const next = (text: string) => `\n${" ".repeat(13)}  ${paint("→", "dim")} ${text}`;

const advice = ({ id, hold }: WaitingProblem) =>
  next(hold === null ? `cortex problems ${id.slice(-8)}` : clean(hold, 160));

/** More silent nodes than this are one line, as on the dashboard: they most likely have one cause. */
const MOST_SILENT = 3;

function silentLines(silent: readonly SilentNode[]): string[] {
  const groups = [...Map.groupBy(silent, (node) => node.state)];
  return groups.flatMap(([now, nodes]) => {
    if (nodes.length <= MOST_SILENT)
      return nodes.map(
        ({ name, since }) =>
          `${state(now)}: ${clean(name, 40)}, last heard ${when(since)}${next(`cortex nodes show ${clean(name, 40)}`)}`,
      );
    const some = nodes.slice(0, 2).map(({ name }) => clean(name, 24));
    return [
      `${state(now)}: ${nodes.length} nodes, ${some.join(", ")}, …${next(`cortex nodes list --state ${now}`)}`,
    ];
  });
}

/** "1 repair is being verified: restart demo on vm", and a line of its own for those that still run. */
function repairingLines(repairing: StatusAnswer["repairing"]): string[][] {
  const lines = [
    ["running", repairing.filter((one) => one.state !== "verifying")],
    ["being verified", repairing.filter((one) => one.state === "verifying")],
  ] as const;
  return lines.flatMap(([what, some]) => {
    if (some.length === 0) return [];
    const named = some.slice(0, LONGEST).map((one) => `${clean(one.summary, 60)} on ${clean(one.node, 24)}`);
    const more = some.length > LONGEST ? ", …" : "";
    const text = `${counted(some.length, "repair")} ${some.length === 1 ? "is" : "are"} ${what}: ${named.join(", ")}${more}`;
    return [["Repairing", text]];
  });
}

/** "no repairs on web-1 until 11-27 03:40:00: disk swap", one line however many there are. */
function maintenanceLine([first, ...more]: readonly ActiveWindow[]): string[][] {
  if (first === undefined) return [];
  const only = [first.check, first.target].filter((one) => one !== "*").map((one) => clean(one, 30));
  const what = `no repairs ${only.length === 0 ? "" : `for ${only.join(" ")} `}on ${clean(first.node, 24)}`;
  const rest = more.length === 0 ? "" : `; and ${more.length} more: cortex maintenance`;
  return [["Maintenance", `${what} until ${when(first.until)}: ${clean(first.reason, 60)}${rest}`]];
}

function lineOfCortex({ running, role, version, startedAt, pid, toStart }: StatusAnswer): string {
  if (!running) return `${state("offline")}: it does not run on this folder; ${clean(toStart ?? "", 500)}`;
  const parts = [
    `${state("running")} as ${role} ${version ?? ""}`.trimEnd(),
    ...(startedAt === null ? [] : [`since ${when(startedAt)}`]),
    ...(pid === null ? [] : [`pid ${pid}`]),
  ];
  return parts.join(", ");
}

const REPAIRS = {
  on: "on",
  off: `${state("off")}: the master switch is off; cortex switch on`,
  mixed: "off on some nodes; see: cortex nodes",
};

function nodesLine(nodes: Readonly<Record<string, number>>): string {
  const some = Object.entries(nodes).filter(([, count]) => count > 0);
  return some.length === 0 ? "none yet" : some.map(([word, count]) => `${count} ${state(word)}`).join(", ");
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
