/** Intents on the wire: the whole row at each transition, with the number of its ledger entry. */
import { effect } from "cortex";
import * as z from "zod";
import { INTENT_STATES, type IntentRecord } from "../domain/intent.ts";
import { isoTime, toIso, toIsoOrNull, uuid } from "./envelope.ts";

export const planBody = z.strictObject({
  summary: z.string().max(10_000),
  changes: z
    .array(z.strictObject({ what: z.string(), from: z.string().optional(), to: z.string().optional() }))
    .max(500),
  effects: z.array(effect).max(100).optional(),
  basis: z.string().max(1000).optional(),
  promise: z.strictObject({ freedBytes: z.number(), totalBytes: z.number() }).optional(),
  empty: z.boolean().optional(),
  data: z.unknown().optional(),
});

export const intentBody = z.strictObject({
  id: uuid,
  kind: z.enum(["repair", "note", "milestone", "blocker"]),
  state: z.enum(INTENT_STATES),
  level: z.enum(["L1", "L2", "L3"]),
  summary: z.string().max(10_000),
  text: z.string().max(100_000),
  category: z.string().max(100).nullable(),
  actor: z.string().max(200),
  problemId: uuid.nullable(),
  check: z.string().max(100).nullable(),
  target: z.string().max(1000).nullable(),
  owner: z.string().max(1000).nullable(),
  repair: z.string().max(100).nullable(),
  repairVersion: z.number().int().nullable(),
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]).nullable(),
  params: z.unknown(),
  plan: planBody.nullable(),
  hash: z.string().nullable(),
  attempt: z.number().int().nonnegative(),
  shadow: z.boolean(),
  decisions: z
    .array(
      z.strictObject({
        decider: z.string().max(100),
        verdict: z.enum(["allow", "human", "deny"]),
        reason: z.string().max(2000),
        at: isoTime,
      }),
    )
    .max(50),
  evidenceIds: z.array(uuid).max(100),
  outcome: z
    .array(
      z.strictObject({
        step: z.string().max(50),
        ok: z.boolean(),
        summary: z.string().max(10_000),
        at: isoTime,
        data: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .max(100),
  createdAt: isoTime,
  updatedAt: isoTime,
  expiresAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  watchUntil: isoTime.nullable(),
});
export type IntentBody = z.infer<typeof intentBody>;

export function intentToWire({ stepAt: _, from: __, ...intent }: IntentRecord): IntentBody {
  return {
    ...intent,
    params: intent.params ?? null,
    decisions: intent.decisions.map((decision) => ({ ...decision, at: toIso(decision.at) })),
    outcome: intent.outcome.map((line) => ({ ...line, at: toIso(line.at) })),
    createdAt: toIso(intent.createdAt),
    updatedAt: toIso(intent.updatedAt),
    expiresAt: toIsoOrNull(intent.expiresAt),
    finishedAt: toIsoOrNull(intent.finishedAt),
    watchUntil: toIsoOrNull(intent.watchUntil),
  };
}
