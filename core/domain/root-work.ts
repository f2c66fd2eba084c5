/** What an agent gives the privileged helper: the whole of an intent, so that its hash can be made again, and the approval. */
import { effect } from "cortex";
import * as z from "zod";
import type { HelperPolicy } from "./helper-policy.ts";

const effects = z.array(effect).max(100);

/** `params` and `plan` are bound by their hash; of the plan only the effects are read. */
export const rootWork = z.strictObject({
  intent: z.uuid(),
  repair: z.string().min(1).max(100),
  version: z.number().int().nonnegative(),
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]),
  params: z.unknown(),
  plan: z.looseObject({ effects }),
  expiresAt: z.number().int().nonnegative().nullable(),
});
export type RootWork = z.infer<typeof rootWork>;

export const helperRequest = z.discriminatedUnion("op", [
  z.strictObject({ v: z.literal(1), op: z.literal("status") }),
  z.strictObject({
    v: z.literal(1),
    op: z.literal("act"),
    work: rootWork,
    /** As the Monitor signed it; null for what the helper's policy lets it do alone. */
    approval: z.unknown(),
  }),
]);
export type HelperRequest = z.infer<typeof helperRequest>;

const outcome = z.strictObject({
  ok: z.boolean(),
  summary: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});

export const helperAnswer = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  /** `code`: `helper.REASON`. */
  z.strictObject({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type HelperAnswer = z.infer<typeof helperAnswer>;
export const actAnswer = outcome;

export interface HelperStatus {
  node: string;
  user: string;
  verbs: string[];
  decided: HelperPolicy["decided"];
  alone: HelperPolicy["alone"];
  budgets: { perHour: number; perTargetPerHour: number; usedThisHour: number };
  /** Words of each trusted key. */
  trusted: string[];
  entries: number;
}
