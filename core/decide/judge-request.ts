/**
 * What a judge is shown: typed facts, and text that anybody could have written only as quotes with a label, cut short and
 * without control characters. Nothing of it is ever an instruction.
 */
import type { JudgeFact, JudgeQuote, JudgeRequest } from "cortex";
import type { BlastRadius } from "../domain/decide/blast-radius.ts";
import type { Decision } from "../domain/decide/decision.ts";
import type { NodePlace } from "../domain/access.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { WireResult } from "../wire/report.ts";

const MAX_QUOTE = 400;
const MAX_FACTS = 40;
const MAX_PRECEDENTS = 5;

export interface RequestSources {
  intent: IntentBody;
  problem: ProblemBody | null;
  place: NodePlace | null;
  tags: readonly string[];
  radius: BlastRadius;
  /** Newest results of the node about the same target. */
  results: readonly WireResult[];
  precedents: readonly Decision[];
  now: number;
}

export function judgeRequest(from: RequestSources): JudgeRequest {
  const { intent, problem, radius } = from;
  return {
    intent: {
      id: intent.id,
      repair: intent.repair ?? "",
      class: intent.class ?? "R4",
      target: cleaned(intent.target ?? "", 200),
      changes: (intent.plan?.changes ?? []).slice(0, 50),
      effects: intent.plan?.effects ?? [],
      undo: radius.reversible,
      attempt: intent.attempt,
      attemptsMax: problem?.guards.attemptsMax ?? 3,
    },
    problem: {
      type: problem?.type ?? "unknown",
      severity: problem?.severity ?? "unknown",
      openForSeconds: problem === null ? 0 : Math.round((from.now - Date.parse(problem.openedAt)) / 1000),
    },
    node: {
      group: radius.group?.name ?? null,
      groupSize: radius.group?.size ?? 1,
      healthyInGroup: radius.group?.healthy ?? 1,
      tags: from.tags,
    },
    facts: factsOf(from),
    quotes: quotesOf(from),
    precedents: from.precedents.slice(0, MAX_PRECEDENTS).map(precedentOf),
  };
}

function factsOf({ problem, results }: RequestSources): JudgeFact[] {
  const facts: JudgeFact[] = [];
  const add = (name: string, value: JudgeFact["value"]) =>
    facts.push({ id: `f${facts.length + 1}`, trust: "agent", name, value });
  if (problem !== null) {
    add("check", problem.check);
    add("status", problem.status);
    add("attempts_used", problem.guards.attemptsUsed);
    add("flapping", problem.flapping);
    add("repairs_today", problem.guards.successesToday);
  }
  for (const result of results) {
    add(`${result.check}.status`, result.status);
    for (const [name, value] of Object.entries(result.metrics)) add(`${result.check}.${name}`, value);
  }
  return facts.slice(0, MAX_FACTS);
}

function quotesOf({ problem, results }: RequestSources): JudgeQuote[] {
  const said = [
    ...(problem === null ? [] : [{ source: "problem", text: problem.summary }]),
    ...results.map((result) => ({ source: result.check, text: result.summary })),
  ];
  return said.slice(0, 10).map(({ source, text }, index) => ({
    id: `q${index + 1}`,
    trust: "untrusted",
    source,
    template: templateOf(text),
    length: text.length,
    text: cleaned(text, MAX_QUOTE),
  }));
}

const precedentOf = ({ state, voices, delivery }: Decision): JudgeRequest["precedents"][number] => ({
  verdict: state === "approved" ? "approved" : "rejected",
  reason: voices.at(-1)?.reason ?? "",
  outcome: delivery?.text ?? "",
});

/** The shape of a line without what anybody can choose in it: numbers, quoted parts, long words. */
export function templateOf(text: string): string {
  return cleaned(text, 2000)
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "<text>")
    .replaceAll(/\b[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+(?:\.\d+)?/g, "<n>")
    .replaceAll(/[^\s<>]{25,}/g, "<long>")
    .slice(0, 200);
}

/** One line without control, bidirectional and invisible characters. */
export function cleaned(text: string, max: number): string {
  return text
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, max);
}
