/** What a problem means to people: how bad, what is being done about it, which limits count. */
import type { Look } from "../../kit/tone.tsx";
import { byCode } from "../../lib/by-code.ts";
import type { Intent, IntentState, Problem } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

/** Red is for critical problems that wait for a person; a critical one that repairs itself is only marked. */
export function severityLook(problem: Problem, t: Texts): Look {
  if (problem.state === "resolved") return { tone: "ok", icon: "check-circle", word: t.problem.resolved };
  const word = t.severity[problem.severity];
  if (problem.severity === "critical")
    return { tone: problem.level === "L1" ? "warn" : "bad", icon: "critical", word };
  if (problem.severity === "warning") return { tone: "warn", icon: "problem", word };
  return { tone: "idle", icon: problem.severity === "info" ? "info" : "eye", word };
}

export type Stage =
  "resolved" | "repairing" | "proposed" | "because" | "held" | "person" | "watching" | "observed";

const ACTING: readonly IntentState[] = ["approved", "executing", "verifying"];
/** Holds that end by themselves soon; anything else that holds an L3 is the person's business. */
const PASSING_HOLDS = ["attempt_wait", "boot_grace", "lock_held", "cooldown", "in_flight", "fleet_budget"];

/** What is happening about it right now. `intent` is the newest one about it, when known. */
export function stageOf(problem: Problem, intent: Intent | undefined): Stage {
  if (problem.state === "resolved") return "resolved";
  if (intent !== undefined && ACTING.includes(intent.state)) return "repairing";
  if (problem.becauseOf !== null) return "because";
  const { hold } = problem.guards;
  // The proposal itself may be older than the intents at hand.
  const asks = intent === undefined && problem.intentId !== null && hold === "autonomy_ask";
  if (asks || (intent?.state === "proposed" && !intent.shadow)) return "proposed";
  // What is only observed is nobody's business, whatever its level.
  if (problem.severity === "observe") return "observed";
  if (problem.level === "L3" && (hold === null || !PASSING_HOLDS.includes(hold))) return "person";
  // Who switched repairs off has taken over what they would have done.
  if (hold === "switch_off") return "person";
  if (hold !== null) return "held";
  return problem.level === "L3" ? "person" : "watching";
}

/** Holds that a person may lift by saying that it be tried again. */
const RETRIED: readonly (string | null)[] = ["breaker_open", "rejected", "expired"];
export const mayBeRetried = ({ state, guards }: Problem): boolean =>
  state === "open" && RETRIED.includes(guards.hold);

export function stageLook(stage: Stage, problem: Problem, t: Texts): Look {
  const held = t.hold[problem.guards.hold ?? ""] ?? t.stage.held;
  const looks: Record<Stage, Look> = {
    resolved: { tone: "ok", icon: "check", word: t.stage.resolved },
    repairing: { tone: "accent", icon: "loader", word: t.stage.repairing, busy: true },
    proposed: { tone: "warn", icon: "question", word: t.stage.proposed },
    because: { tone: "idle", icon: "arrow-right", word: t.stage.because },
    held: { tone: "idle", icon: "pause", word: held },
    person: { tone: "bad", icon: "person", word: problem.guards.hold === null ? t.stage.person : held },
    watching: { tone: "idle", icon: "eye", word: t.stage.watching },
    observed: { tone: "idle", icon: "eye", word: t.stage.observed },
  };
  return looks[stage];
}

const SEVERITY_RANK = { critical: 0, warning: 1, info: 2, observe: 3 } as const;
const LEVEL_RANK = { L3: 0, L2: 1, L1: 2 } as const;

/** Worst first; among equals the one that has waited longest. */
export function compareProblems(a: Problem, b: Problem): number {
  return (
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    LEVEL_RANK[a.level] - LEVEL_RANK[b.level] ||
    byCode(a.openedAt, b.openedAt) ||
    byCode(a.id, b.id)
  );
}

/** Newest end first. */
export const compareResolved = (a: Problem, b: Problem): number =>
  byCode(b.resolvedAt ?? "", a.resolvedAt ?? "") || byCode(a.id, b.id);

/** Live ones and pages of the server as one list, newest end first; where both have a problem, the live one is newer. */
export function mergeProblems(live: readonly Problem[], paged: readonly Problem[]): Problem[] {
  const known = new Set(live.map((problem) => problem.id));
  return [...live, ...paged.filter((problem) => !known.has(problem.id))].sort(compareResolved);
}

export const openProblems = (problems: readonly Problem[]): Problem[] =>
  problems.filter((problem) => problem.state === "open");

/** Newest intent about each problem, by problem id. */
export function intentsByProblem(intents: readonly Intent[]): Map<string, Intent> {
  const newest = new Map<string, Intent>();
  for (const intent of intents) {
    if (intent.problemId === null) continue;
    const known = newest.get(intent.problemId);
    if (known === undefined || known.createdAt < intent.createdAt) newest.set(intent.problemId, intent);
  }
  return newest;
}

export interface GuardLine {
  name: string;
  /** Used and most, for the pips; absent when it is only a time. */
  used?: number;
  max?: number;
  value: string;
  /** ISO time at which it ends or resets. */
  until: string | null;
  untilWord: string;
}

/** A line of the history, by its kind: what happened, or why a repair was held back. */
export const eventWord = (kind: string, t: Pick<Texts, "event" | "hold">): string =>
  t.event[kind] ?? t.hold[kind] ?? kind.replaceAll(/[._]/g, " ");

const BY_INTENT = / by intent ([0-9a-f]{8}-[0-9a-f-]{27})/;

/** "repaired by intent ID" names the intent, where it is known. */
export const withNames = (text: string, intents: readonly Intent[]): string =>
  text.replace(BY_INTENT, (all, id) => {
    const known = intents.find((intent) => intent.id === id);
    return known === undefined ? all : `: ${known.summary}`;
  });

/** Every limit that counts for this problem, with what is used, what is left and when that changes. */
export function guardLines(problem: Problem, now: number, t: Texts): GuardLine[] {
  const { guards } = problem;
  const ahead = (at: string | null) => (at !== null && Date.parse(at) > now ? at : null);
  const left = Math.max(0, guards.attemptsMax - guards.attemptsUsed);
  const lines: GuardLine[] = [
    {
      name: t.guard.attempts,
      used: guards.attemptsUsed,
      max: guards.attemptsMax,
      value: t.guard.used(guards.attemptsUsed, guards.attemptsMax, left),
      until: ahead(guards.attemptsResetAt),
      untilWord: t.guard.resets,
    },
  ];
  const timed: [string, string | null, string, string][] = [
    [t.guard.breaker, ahead(guards.breakerUntil), t.guard.breakerOpen, t.guard.until],
    [t.guard.cooldown, ahead(guards.cooldownUntil), t.guard.running, t.guard.until],
    [t.guard.next, ahead(guards.nextAttemptAt), t.guard.waiting, t.guard.until],
  ];
  for (const [name, until, value, untilWord] of timed)
    if (until !== null) lines.push({ name, value, until, untilWord });
  lines.push({
    name: t.guard.healed,
    value: t.guard.times(guards.successesToday),
    until: null,
    untilWord: "",
  });
  return lines;
}
