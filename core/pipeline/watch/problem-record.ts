/** Records of problems as they are opened, refreshed and closed: plain data in, plain data out. */
import { oneLine, type Result } from "cortex";
import { sha256Hex } from "../../domain/ledger.ts";
import type { GuardState, ProblemRecord, Severity, TargetState } from "../../domain/problem.ts";
import { severityOf } from "../../domain/track.ts";

const MAX_EVENTS = 50;

/**
 * One target of one check of one node. The instance counts only where it is not the default, so that the common case is
 * sha256(node, check, target).
 */
export function fingerprintOf(node: string, check: string, instance: string, target: string): string {
  return sha256Hex([node, instance === "default" ? check : `${check}~${instance}`, target].join("\0"));
}

export interface OpeningFacts {
  id: string;
  fingerprint: string;
  check: string;
  instance: string;
  nature: "fact" | "measured";
  type: string;
  severity: Severity;
  flapping: boolean;
  guards: GuardState;
}

/** "demo is not running: exited with code 98 · bind: address already in use" */
const openedText = ({ summary, detail }: Result): string =>
  oneLine(summary, 500) + (detail === undefined || detail === "" ? "" : ` · ${oneLine(detail, 490)}`);

export function openedProblem(facts: OpeningFacts, result: Result, at: number): ProblemRecord {
  return {
    ...facts,
    target: result.target,
    state: "open",
    level: "L3",
    status: result.status,
    summary: result.summary,
    owner: result.owner ?? null,
    dependsOn: result.dependsOn ?? [],
    tags: result.tags ?? [],
    labels: result.labels ?? {},
    becauseOf: null,
    openedAt: at,
    updatedAt: at,
    resolvedAt: null,
    resolution: null,
    intentId: null,
    events: [{ at, kind: "opened", text: openedText(result) }],
    result,
  };
}

export function closedProblem(problem: ProblemRecord, resolution: string, at: number): ProblemRecord {
  return {
    ...problem,
    state: "resolved",
    status: "ok",
    updatedAt: at,
    resolvedAt: at,
    resolution,
    events: withEvent(problem, at, "resolved", resolution),
  };
}

/** A bad result about an open problem. `unknown` says nothing new about what is wrong. */
export function refreshedProblem(
  problem: ProblemRecord,
  result: Result,
  state: TargetState,
  at: number,
): { next: ProblemRecord; isNews: boolean } {
  const unknown = result.status === "unknown";
  const type = unknown ? problem.type : (result.type ?? problem.type);
  const severity = unknown ? problem.severity : severityOf(result);
  const next: ProblemRecord = {
    ...problem,
    type,
    severity,
    status: result.status,
    summary: result.summary,
    owner: result.owner ?? problem.owner,
    dependsOn: result.dependsOn ?? problem.dependsOn,
    // Policy is decided by the tags of today, also those that the operator has just added.
    tags: unknown ? problem.tags : (result.tags ?? []),
    labels: unknown ? problem.labels : (result.labels ?? {}),
    flapping: state.flapping,
    updatedAt: at,
    result: unknown ? problem.result : result,
  };
  if (severity !== problem.severity)
    next.events = withEvent(problem, at, "severity", `${problem.severity} → ${severity}: ${result.summary}`);
  const isNews = severity !== problem.severity || type !== problem.type || result.status !== problem.status;
  return { next, isNews };
}

export function withEvent(
  problem: ProblemRecord,
  at: number,
  kind: string,
  text: string,
): ProblemRecord["events"] {
  return [...problem.events, { at, kind, text: oneLine(text, 500) }].slice(-MAX_EVENTS);
}

/** Whether a patch changed anything worth storing. */
export function isSameProblem(a: ProblemRecord, b: ProblemRecord): boolean {
  return (
    a.level === b.level &&
    a.intentId === b.intentId &&
    a.events === b.events &&
    JSON.stringify(a.guards) === JSON.stringify(b.guards)
  );
}
