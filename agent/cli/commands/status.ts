/** `cortex status`: on one screen, what somebody wants to know first. Exit 0 nothing needs a person, 1 something does. */
import { formatDuration } from "cortex";
import type {
  DecisionItem,
  IntentItem,
  MaintenanceItem,
  NodeItem,
  ProblemItem,
  StatusItem,
} from "../../../core/monitor/items.ts";
import { howToStart } from "../../last-start.ts";
import { loadSettings } from "../../settings.ts";
import { daemonPid } from "../offline.ts";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { isActing, isSilent, newestByProblem, stageOf } from "../stage.ts";
import { clean, paint, print, printJson, state, when } from "../output.ts";

export interface StatusAnswer {
  running: boolean;
  /** Of the daemon on this machine. */
  pid: number | null;
  role: "Monitor" | "agent" | null;
  version: string | null;
  startedAt: string | null;
  /** Of an agent. */
  monitor: { url: string; state: string; reason: string | null } | null;
  /** Nodes by state; null where only a Monitor knows. */
  nodes: Record<string, number> | null;
  switch: "on" | "off" | "mixed" | null;
  needsYou: {
    /** null on an agent: its Monitor has them. */
    decisions: { id: string; summary: string; node: string; expiresAt: string }[] | null;
    problems: WaitingProblem[];
    /** Repairs of which nobody knows how they ended. */
    unclear: { id: string; summary: string; node: string; since: string }[];
    /** Results that are critical and no problem yet: they are being confirmed, and nobody is needed yet. */
    unconfirmed: number;
    /** Nodes that are not heard as they should be, or are kept out. */
    silent: SilentNode[];
    pendingNodes: number;
  };
  /** Repairs that run, or whose result is being verified: nobody is needed meanwhile. */
  repairing: { id: string; state: string; summary: string; node: string }[];
  openProblems: number;
  lastRepair: { id: string; state: string; summary: string; node: string; at: string } | null;
  /** Windows in which nothing is repaired, of now; null on an agent: its Monitor has them. */
  maintenance: ActiveWindow[] | null;
  /** What to do where it does not run. */
  toStart: string | null;
}

type ActiveWindow = Pick<MaintenanceItem, "id" | "check" | "target" | "until" | "reason"> & { node: string };

interface WaitingProblem {
  id: string;
  severity: string;
  summary: string;
  node: string;
  since: string;
  /** Why nothing is done about it now, which says what to do; null where nothing holds. */
  hold: string | null;
}

interface SilentNode {
  id: string;
  name: string;
  state: string;
  /** When it was heard last. */
  since: string;
}

interface Topology {
  status: StatusItem;
  groups: { nodes: NodeItem[] }[];
}

interface LinkItem {
  monitor: string;
  state: string;
  reason: string | null;
}

const LONGEST = 5;

export default command({
  name: "status",
  description:
    "Whether Cortex runs, and what needs a person. Exit 0: nothing does; 1: something does; 69: it does not run.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await statusOf(client, loadSettings(args).dataDir);
      if (args.json) printJson(answer);
      else print(statusText(answer, Date.now()));
      return exitCodeOf(answer);
    }),
});

/** What does not run watches nothing, whatever the last it wrote says. */
export function exitCodeOf({ running, needsYou }: StatusAnswer): number {
  if (!running) return 69;
  const { decisions, problems, unclear, silent, pendingNodes } = needsYou;
  const lists = [decisions ?? [], problems, unclear, silent];
  return pendingNodes > 0 || lists.some((list) => list.length > 0) ? 1 : 0;
}

async function statusOf(client: Client, dataDir: string): Promise<StatusAnswer> {
  const running = client.via !== "offline";
  const daemon = client.via === "socket" ? daemonPid(dataDir) : null;
  // Only an agent knows of a link upwards.
  const link = await client.get<LinkItem>("link").catch(() => null);
  const [topology, settings, problems, decisions, intents, windows] = await Promise.all([
    link === null ? client.get<Topology>("cluster/topology") : null,
    client.get<{ version: string }>("settings"),
    client.list<ProblemItem>("problems", { state: "open", limit: "500" }),
    link === null ? client.list<DecisionItem>("decisions", { state: "pending", limit: "100" }) : null,
    client.list<IntentItem>("intents", { ...(link === null ? { kind: "repair" } : {}), limit: "100" }),
    link === null ? client.list<MaintenanceItem>("maintenance") : null,
  ]);
  const last = intents.items.find(({ kind }) => kind === "repair");
  const nodes = topology?.groups.flatMap((group) => group.nodes) ?? [];
  return {
    running,
    pid: daemon?.pid ?? null,
    role: link === null ? "Monitor" : "agent",
    version: running ? settings.version : null,
    startedAt: running ? (daemon?.since ?? topology?.status.startedAt ?? null) : null,
    monitor: link && { url: link.monitor, state: link.state, reason: link.reason },
    nodes: topology && { ...topology.status.nodes },
    switch: topology?.status.repairs ?? null,
    needsYou: {
      decisions: decisions?.items.map(decisionOf) ?? null,
      problems: waitingOf(problems.items, intents.items, decisions?.items ?? [], running).map(problemOf),
      unclear: intents.items.filter((one) => one.kind === "repair" && one.state === "unknown").map(unclearOf),
      unconfirmed: nodes.reduce((sum, node) => sum + unconfirmedOn(node), 0),
      // Where nothing runs, nobody listens, and silence says nothing.
      silent: running ? nodes.filter(isSilent).map(silentOf) : [],
      pendingNodes: topology?.status.nodes.pending ?? 0,
    },
    // What was going on when it stopped goes on no more.
    repairing: running ? intents.items.filter(isActing).map(repairingOf) : [],
    openProblems: problems.items.length,
    lastRepair: last === undefined ? null : repairOf(last),
    maintenance: windows && activeOf(windows.items, Date.now()),
    toStart: running ? null : howToStart(dataDir),
  };
}

/** Those of now, the one that ends last first. */
export const activeOf = (windows: readonly MaintenanceItem[], now: number): ActiveWindow[] =>
  windows
    .filter((one) => Date.parse(one.from) <= now && now < Date.parse(one.until))
    .toSorted((a, b) => b.until.localeCompare(a.until))
    .map(({ id, nodeName: node, check, target, until, reason }) => ({
      id,
      node,
      check,
      target,
      until,
      reason,
    }));

const decisionOf = (one: DecisionItem) => ({
  id: one.id,
  summary: one.plan?.summary ?? one.repair,
  node: one.nodeName,
  expiresAt: one.expiresAt,
});

const problemOf = ({
  id,
  severity,
  summary,
  nodeName: node,
  openedAt: since,
  guards,
}: ProblemItem): WaitingProblem => ({ id, severity, summary, node, since, hold: guards.holdText });

const unclearOf = ({ id, summary, nodeName: node, updatedAt: since }: IntentItem) => ({
  id,
  summary,
  node,
  since,
});

const silentOf = ({ id, name, state: now, lastSeenAt: since }: NodeItem): SilentNode => ({
  id,
  name,
  state: now,
  since,
});

const repairingOf = ({ id, state: now, summary, nodeName: node }: IntentItem) => ({
  id,
  state: now,
  summary,
  node,
});

const repairOf = ({ id, state: now, summary, nodeName: node, updatedAt: at }: IntentItem) => ({
  id,
  state: now,
  summary,
  node,
  at,
});

/** What waits for a person, as the dashboard has it; what is asked as a decision is among the decisions. */
export function waitingOf(
  problems: readonly ProblemItem[],
  intents: readonly IntentItem[],
  decisions: readonly DecisionItem[],
  running = true,
): ProblemItem[] {
  const newest = newestByProblem(running ? intents : intents.filter((one) => !isActing(one)));
  const asked = new Set(decisions.flatMap(({ intent, problem }) => [intent?.problemId, problem?.id]));
  return problems.filter((problem) => {
    if (problem.severity === "observe" || asked.has(problem.id)) return false;
    return ["person", "proposed"].includes(stageOf(problem, newest.get(problem.id)));
  });
}

const unconfirmedOn = ({ results, problems }: NodeItem) =>
  Math.max(0, results.critical - problems.critical - problems.observe);

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
