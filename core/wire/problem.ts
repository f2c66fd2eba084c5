/** Problems on the wire: the whole current state of one, sent at each change. */
import * as z from "zod";
import type { ProblemRecord } from "../domain/problem.ts";
import { isoTime, toIso, toIsoOrNull, uuid } from "./envelope.ts";
import { status } from "./report.ts";

export const guardState = z.strictObject({
  attemptsUsed: z.number().int().nonnegative(),
  attemptsMax: z.number().int().nonnegative(),
  attemptsResetAt: isoTime.nullable(),
  breakerUntil: isoTime.nullable(),
  cooldownUntil: isoTime.nullable(),
  nextAttemptAt: isoTime.nullable(),
  successesToday: z.number().int().nonnegative(),
  hold: z.string().max(50).nullable(),
  holdText: z.string().max(1000).nullable(),
});

export const problemBody = z.strictObject({
  id: uuid,
  fingerprint: z.string().length(64),
  check: z.string().max(100),
  instance: z.string().max(100),
  target: z.string().max(1000),
  type: z.string().max(100),
  nature: z.enum(["fact", "measured"]),
  state: z.enum(["open", "resolved"]),
  level: z.enum(["L1", "L2", "L3"]),
  severity: z.enum(["observe", "info", "warning", "critical"]),
  status,
  summary: z.string().max(10_000),
  owner: z.string().max(1000).nullable(),
  tags: z.array(z.string().max(100)).max(50),
  labels: z.record(z.string().max(100), z.string().max(1000)),
  becauseOf: uuid.nullable(),
  flapping: z.boolean(),
  openedAt: isoTime,
  updatedAt: isoTime,
  resolvedAt: isoTime.nullable(),
  resolution: z.string().max(1000).nullable(),
  guards: guardState,
  intentId: uuid.nullable(),
  events: z
    .array(z.strictObject({ at: isoTime, kind: z.string().max(100), text: z.string().max(1000) }))
    .max(50),
  /** Ids of evidence bundles kept on the node. */
  evidence: z.array(uuid).max(100),
});
export type ProblemBody = z.infer<typeof problemBody>;

export function problemToWire(problem: ProblemRecord, evidenceIds: string[]): ProblemBody {
  const { guards } = problem;
  return {
    id: problem.id,
    fingerprint: problem.fingerprint,
    check: problem.check,
    instance: problem.instance,
    target: problem.target,
    type: problem.type,
    nature: problem.nature,
    state: problem.state,
    level: problem.level,
    severity: problem.severity,
    status: problem.status,
    summary: problem.summary,
    owner: problem.owner,
    tags: problem.tags,
    labels: problem.labels,
    becauseOf: problem.becauseOf,
    flapping: problem.flapping,
    openedAt: toIso(problem.openedAt),
    updatedAt: toIso(problem.updatedAt),
    resolvedAt: toIsoOrNull(problem.resolvedAt),
    resolution: problem.resolution,
    guards: {
      ...guards,
      attemptsResetAt: toIsoOrNull(guards.attemptsResetAt),
      breakerUntil: toIsoOrNull(guards.breakerUntil),
      cooldownUntil: toIsoOrNull(guards.cooldownUntil),
      nextAttemptAt: toIsoOrNull(guards.nextAttemptAt),
    },
    intentId: problem.intentId,
    events: problem.events.map((event) => ({ ...event, at: toIso(event.at) })),
    evidence: evidenceIds,
  };
}
