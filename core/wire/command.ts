/**
 * What a Monitor may ask of a node. Names and typed parameters only; never a program, never shell text. The node's own
 * policy decides whether it obeys.
 */
import * as z from "zod";
import { isoTime } from "./envelope.ts";

const actor = z.string().max(200).describe("Who asked, for the ledger: user:anna, key:ci, local");

export const command = z.discriminatedUnion("type", [
  /** Run one check now (`name` or `name/instance`), or all of them. */
  z.strictObject({ type: z.literal("inspect"), check: z.string().nullable(), actor }),
  z.strictObject({ type: z.literal("check.pause"), check: z.string(), until: isoTime.nullable(), actor }),
  z.strictObject({ type: z.literal("check.resume"), check: z.string(), actor }),
  /** Master switch: repairs on or off. */
  z.strictObject({ type: z.literal("switch"), repairs: z.boolean(), reason: z.string().max(500), actor }),
  /** More careful than the node's own file, or as careful: the file's word is never loosened. */
  z.strictObject({
    type: z.literal("autonomy.set"),
    autonomy: z.enum(["act", "ask", "observe"]),
    reason: z.string().max(500),
    actor,
  }),
  z.strictObject({
    type: z.literal("maintenance.add"),
    id: z.uuid(),
    check: z.string(),
    target: z.string(),
    from: isoTime,
    until: isoTime,
    reason: z.string().max(1000),
    actor,
  }),
  z.strictObject({ type: z.literal("maintenance.remove"), id: z.string(), actor }),
  /** Add a note, milestone or blocker to the node's ledger. */
  z.strictObject({
    type: z.literal("entry.add"),
    id: z.uuid(),
    kind: z.enum(["note", "milestone", "blocker"]),
    level: z.enum(["L1", "L2", "L3"]),
    summary: z.string().min(1).max(1000),
    text: z.string().max(100_000),
    category: z.string().max(100).nullable(),
    actor,
  }),
  /**
   * What became of a proposal. The node believes an approval only by its signature, its binding to the exact intent and its
   * own policy; who sent it does not matter.
   */
  z.strictObject({
    type: z.literal("decision"),
    intent: z.uuid(),
    verdict: z.enum(["approve", "reject"]),
    approval: z.unknown().describe("With approve; the node looks at it itself"),
    reason: z.string().max(2000),
    actor,
  }),
  /** What repairs have earned on this node, see core/domain/decide/standing.ts; believed by its signature, as an approval is. */
  z.strictObject({ type: z.literal("standing.set"), document: z.unknown(), actor }),
  /** The Monitor decides with a new key, see core/domain/decide/key-link.ts; believed by the signatures of its links. */
  z.strictObject({ type: z.literal("deciding_key.follow"), links: z.unknown(), actor }),
  /** Propose a repair for an open problem, also where nobody answered the last proposal in time. Nothing runs by this. */
  z.strictObject({ type: z.literal("propose"), problem: z.uuid(), actor }),
  /** What counted against repairing this problem (attempts, breaker, a no) is forgiven. What then runs or asks is the node's policy. */
  z.strictObject({ type: z.literal("retry"), problem: z.uuid(), actor }),
  z.strictObject({ type: z.literal("evidence.get"), id: z.uuid(), actor }),
  z.strictObject({ type: z.literal("ledger.verify"), actor }),
  z.strictObject({
    type: z.literal("ledger.export"),
    after: z.number().int().nonnegative(),
    limit: z.number().int().max(1000),
    actor,
  }),
  /** Give yourself a new key; the node makes it, nobody else ever sees it. */
  z.strictObject({ type: z.literal("key.rotate"), actor }),
  z.strictObject({ type: z.literal("config.reload"), actor }),
  /** Effective configuration, secrets redacted. */
  z.strictObject({ type: z.literal("config.show"), actor }),
]);
export type Command = z.infer<typeof command>;

/** `data` by command: evidence.get → bundle, ledger.verify → {ok, entries, firstBroken}, ledger.export → {entries}. */
export type CommandResult =
  | { ok: true; data?: unknown }
  | {
      ok: false;
      code: string;
      kind: "invalid" | "not_found" | "conflict" | "forbidden" | "unavailable" | "internal";
      message: string;
    };
