/** `cortex status`: on one screen, what somebody wants to know first. Exit 0 nothing needs a person, 1 something does. */
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
import { print, printJson } from "../output.ts";
import { statusText } from "../status-text.ts";

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

export type ActiveWindow = Pick<MaintenanceItem, "id" | "check" | "target" | "until" | "reason"> & {
  node: string;
};

export interface WaitingProblem {
  id: string;
  severity: string;
  summary: string;
  node: string;
  since: string;
  /** Why nothing is done about it now, which says what to do; null where nothing holds. */
  hold: string | null;
}

export interface SilentNode {
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
