/** "Needs you": everything that waits for a person, most urgent first. */
import type { IconName } from "../../kit/icon.tsx";
import type { Tone } from "../../kit/tone.tsx";
import type { Texts } from "../../lib/i18n.ts";
import type { Intent, NodeItem, Problem } from "../../lib/types.ts";
import type { Detail } from "../../shell/detail.model.ts";
import { isProposal } from "../intents/intent.model.ts";
import { intentsByProblem, stageOf } from "../problems/problem.model.ts";
import { bucketOf } from "./fleet.model.ts";

export interface Need {
  /** Unique in the list. */
  key: string;
  tone: Tone;
  icon: IconName;
  /** What is wanted: "Decide", "Look", … */
  word: string;
  title: string;
  /** Node and target. */
  where: string[];
  /** Opens in the panel; null for a need that has its own screen at `href`. */
  detail: Detail | null;
  href: string;
  /** Since when, ISO. */
  since: string;
  /** When it lapses, ISO. */
  deadline: string | null;
  rank: number;
}

export function needsOf(
  nodes: readonly NodeItem[],
  problems: readonly Problem[],
  intents: readonly Intent[],
  t: Texts,
): Need[] {
  const needs: Need[] = [];
  const newest = intentsByProblem(intents);
  const proposedFor = new Set<string>();

  for (const intent of intents) {
    if (isProposal(intent)) {
      if (intent.problemId !== null) proposedFor.add(intent.problemId);
      needs.push(fromIntent(intent, t.needs.decide, "warn", "question", 1));
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
      where: [problem.nodeName, problem.target],
      detail: { kind: "problem", id: problem.id },
      href: `/problems/${problem.id}`,
      since: problem.openedAt,
      deadline: null,
      rank: critical ? 0 : 3,
    });
  }
  for (const node of nodes) {
    const silent = node.state === "late" || bucketOf(node) === "offline";
    if (!silent) continue;
    needs.push({
      key: node.id,
      tone: node.state === "late" ? "warn" : "bad",
      icon: node.state === "late" ? "clock" : "offline",
      word: t.nodeState[node.state],
      title: t.needs.silent(node.name),
      where: node.group === null ? [] : [node.group],
      detail: null,
      href: `/nodes/${node.id}`,
      since: node.lastSeenAt,
      deadline: null,
      rank: 2,
    });
  }
  return needs.sort(compareNeeds);
}

function fromIntent(intent: Intent, word: string, tone: Tone, icon: IconName, rank: number): Need {
  return {
    key: intent.id,
    tone,
    icon,
    word,
    title: intent.summary,
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
    (a.deadline ?? "9").localeCompare(b.deadline ?? "9") ||
    a.since.localeCompare(b.since) ||
    a.key.localeCompare(b.key)
  );
}
