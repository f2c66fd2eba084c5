/** "Needs you": everything that waits for a person, most urgent first. */
import type { IconName } from "../../kit/icon.tsx";
import type { Tone } from "../../kit/tone.tsx";
import { byCode } from "../../lib/by-code.ts";
import type { Texts } from "../../texts/i18n.ts";
import type { Decision, Intent, NodeItem, NodeState, Problem } from "../../data/types.ts";
import type { Detail } from "../../shell/detail.model.ts";
import { isActing, isProposal, outcomeLine } from "../intents/intent.model.ts";
import { intentsByProblem, stageOf } from "../problems/problem.model.ts";

export interface Need {
  /** Unique in the list. */
  key: string;
  tone: Tone;
  icon: IconName;
  /** What is wanted: "Decide", "Look", … */
  word: string;
  title: string;
  /** Why it is a person's business and what helps, where that is known. */
  advice: string | null;
  /** Node and target. */
  where: string[];
  /** Opens in the panel; null for a need that has its own screen at `href`. */
  detail: Detail | null;
  href: string;
  /** Since when, ISO; null for what has no single beginning. */
  since: string | null;
  /** When it lapses, ISO. */
  deadline: string | null;
  rank: number;
}

/** The repair that the calm line tells of: the newest under way, else the newest that ended; null: there was none. */
export function toldRepair(newestFirst: readonly Intent[]): { intent: Intent; acting: number } | null {
  const acting = newestFirst.filter(isActing);
  const ended = ({ kind, finishedAt }: Intent) => kind === "repair" && finishedAt !== null;
  const intent = acting[0] ?? newestFirst.find(ended);
  return intent === undefined ? null : { intent, acting: acting.length };
}

export function needsOf(
  nodes: readonly NodeItem[],
  problems: readonly Problem[],
  intents: readonly Intent[],
  t: Texts,
  /** Nodes by state as the Monitor counts them. */
  states?: Record<NodeState, number>,
  decisions: readonly Decision[] = [],
): Need[] {
  const needs: Need[] = [];
  const newest = intentsByProblem(intents);
  const proposedFor = new Set<string>();

  for (const intent of intents) {
    if (isProposal(intent)) {
      if (intent.problemId !== null) proposedFor.add(intent.problemId);
      const decision = decisions.find((one) => one.intent?.id === intent.id);
      const need = fromIntent(intent, t.needs.decide, "warn", "question", 1);
      needs.push(
        decision === undefined ? need : { ...need, detail: null, href: `/decisions/${decision.id}` },
      );
    } else if (intent.state === "unknown") {
      needs.push(fromIntent(intent, t.needs.lookAt, "unknown", "question", 0));
    }
  }
  for (const problem of problems) {
    if (problem.state !== "open" || problem.severity === "observe" || proposedFor.has(problem.id)) continue;
    const stage = stageOf(problem, newest.get(problem.id));
    if (stage !== "person" && stage !== "proposed") continue;
    const critical = problem.severity === "critical";
    needs.push({
      key: problem.id,
      tone: critical ? "bad" : "warn",
      icon: critical ? "critical" : "problem",
      word: stage === "proposed" ? t.needs.decide : t.needs.lookAt,
      title: problem.summary,
      advice: stage === "person" ? adviceOn(problem, newest.get(problem.id)) : null,
      where: [problem.nodeName, problem.target],
      detail: { kind: "problem", id: problem.id },
      href: `/problems/${problem.id}`,
      since: problem.openedAt,
      deadline: null,
      rank: critical ? 0 : 3,
    });
  }
  needs.push(...silentNeeds(nodes, t, states), ...joiningNeeds(states?.pending ?? 0, t));
  return needs.sort(compareNeeds);
}

/**
 * How many there are: of a large fleet not all problems are here, and the Monitor counts those that wait for a person.
 * `waiting` is its number.
 */
export function countNeeds(needs: readonly Need[], problems: readonly Problem[], waiting: number): number {
  const counted = new Set(problems.flatMap(({ id, level }) => (level === "L3" ? [id] : [])));
  const known = needs.filter(({ key }) => counted.has(key)).length;
  return needs.length + Math.max(0, waiting - known);
}

/** What the last repair stumbled over says more than that it may not be tried again. */
const adviceOn = (problem: Problem, intent: Intent | undefined): string | null =>
  (intent?.state === "failed" && outcomeLine(intent)) || problem.guards.holdText;

/** Nodes that ask to be let in; the Monitor counts them only for those who may answer. */
function joiningNeeds(waiting: number, t: Texts): Need[] {
  if (waiting === 0) return [];
  return [
    {
      key: "joining",
      tone: "warn",
      icon: "server",
      word: t.needs.joinWord,
      title: t.needs.joining(waiting),
      advice: null,
      where: [],
      detail: null,
      href: "/settings/nodes",
      since: null,
      deadline: null,
      rank: 2,
    },
  ];
}

const SILENT = ["late", "offline", "quarantined"] as const;
export const isSilent = (node: NodeItem): boolean => (SILENT as readonly NodeState[]).includes(node.state);

/** More silent nodes than this are one need: they most likely have one cause, and nobody reads a wall of them. */
const MOST_SILENT = 3;

function silentNeeds(
  nodes: readonly NodeItem[],
  t: Texts,
  states: Partial<Record<NodeState, number>> | undefined,
): Need[] {
  return SILENT.flatMap((state) => {
    const silent = nodes.filter((node) => node.state === state);
    // A large fleet is not here whole; the Monitor knows how many there are.
    const count = Math.max(silent.length, states?.[state] ?? 0);
    if (count > MOST_SILENT && silent.length > 0) return [manySilent(silent, state, count, t)];
    return silent.map((node) => oneSilent(node, t));
  });
}

function manySilent(silent: readonly NodeItem[], state: NodeState, count: number, t: Texts): Need {
  const since = silent.map((node) => node.lastSeenAt).sort()[0]!;
  const some = silent.slice(0, 2).map((node) => node.name);
  return {
    ...oneSilent(silent[0]!, t),
    key: `many ${state}`,
    title: t.needs.manySilent(count),
    where: [`${some.join(", ")}, …`],
    href: `/?state=${state === "late" ? "silent" : "offline"}`,
    since,
  };
}

function oneSilent(node: NodeItem, t: Texts): Need {
  return {
    key: node.id,
    tone: node.state === "late" ? "warn" : "bad",
    icon: node.state === "late" ? "clock" : "offline",
    word: t.nodeState[node.state],
    title: t.needs.silent(node.name),
    advice: null,
    where: node.group === null ? [] : [node.group],
    detail: null,
    href: `/nodes/${node.id}`,
    since: node.lastSeenAt,
    deadline: null,
    rank: 2,
  };
}

function fromIntent(intent: Intent, word: string, tone: Tone, icon: IconName, rank: number): Need {
  return {
    key: intent.id,
    tone,
    icon,
    word,
    title: intent.summary,
    advice: null,
    where: intent.target === null ? [intent.nodeName] : [intent.nodeName, intent.target],
    detail: { kind: "intent", id: intent.id },
    href: `/intents/${intent.id}`,
    since: intent.createdAt,
    deadline: intent.state === "proposed" ? intent.expiresAt : null,
    rank,
  };
}

/** By kind; proposals by their deadline, the others by how long they have waited. */
function compareNeeds(a: Need, b: Need): number {
  return (
    a.rank - b.rank ||
    byCode(a.deadline ?? "9", b.deadline ?? "9") ||
    byCode(a.since ?? "", b.since ?? "") ||
    byCode(a.key, b.key)
  );
}
