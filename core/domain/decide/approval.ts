/**
 * An approval: the deciding Monitor's signed word that one exact intent may run once, on one node, for a few minutes. The
 * agent believes nothing but what it can check itself.
 */
import type { RepairClass } from "cortex";
import * as z from "zod";
import { canonicalJson } from "../ledger.ts";
import { needsPerson } from "./blast-radius.ts";
import { REASON_CODES, rule, type Ruling } from "./reasons.ts";

const DOMAIN = "cortex.decision.v1\0";
const integer = z.number().int().nonnegative();

const approver = z.strictObject({
  kind: z.enum(["human", "llm", "policy"]),
  /** `user:ID`, `key:ID`, `decider:claude`, `rule:ID`. */
  principal: z.string().min(1).max(200),
  /** What people call it, as it was at that time: `user:anna`, `key:ci`, `local`. Absent where the principal says it. */
  name: z.string().min(1).max(100).optional(),
  /** How that principal proved who it is: password, passkey, key, socket, model id, policy version. */
  method: z.string().max(100),
  at: integer,
});

/** Integers in milliseconds; everything but `signature` is signed. */
export const approval = z.strictObject({
  v: z.literal(1),
  type: z.literal("cortex.decision"),
  id: z.uuid(),
  intent: z.uuid(),
  node: z.string().min(1).max(100),
  /** The bound hash of the intent, see `boundHash`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]),
  approvals: z.array(approver).min(1).max(5),
  reason: z.enum(REASON_CODES),
  notBefore: integer,
  expiresAt: integer,
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  maxRuns: z.literal(1),
  /** Public key of the Monitor that decided, base64url of the raw 32 bytes. */
  signer: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  signature: z.string().max(100),
});
export type Approval = z.infer<typeof approval>;
export type Approver = Approval["approvals"][number];

/** What is signed: the domain and the canonical JSON of everything else. */
export function approvalBytes({ signature: _, ...signed }: Approval): string {
  return DOMAIN + canonicalJson(signed);
}

/** Longest life of an approval, whatever its signer wrote. */
export const MAX_APPROVAL_MS = 600_000;
/** Clocks of two machines are never quite alike. */
const SKEW_MS = 30_000;

export interface ApprovalFacts {
  node: string;
  intent: { id: string; state: string; hash: string | null; class: RepairClass | null; shadow: boolean };
  /** Keys that may decide for this node, base64url; kept in the node's own trust store. */
  trusted: readonly string[];
  verify(signer: string, message: string, signature: string): boolean;
  /** Whether the nonce was used before; asked last, because asking burns nothing. */
  isUsed(nonce: string): boolean;
  now: number;
  /** Milliseconds since it arrived, on a clock that does not jump. */
  ageMs: number;
}

/** Null when it holds, else why it does not. Pure: burning the nonce is the caller's act, in one transaction with the start. */
export function refusal(raw: unknown, facts: ApprovalFacts): Ruling | null {
  const parsed = approval.safeParse(raw);
  if (!parsed.success) return rule("malformed_approval", parsed.error.issues[0]?.path.join(".") ?? "");
  const given = parsed.data;
  if (!facts.trusted.includes(given.signer)) return rule("unknown_signer", given.signer.slice(0, 8));
  if (!facts.verify(given.signer, approvalBytes(given), given.signature)) return rule("bad_signature");
  return refusalOfContent(given, facts);
}

function refusalOfContent(given: Approval, facts: ApprovalFacts): Ruling | null {
  const { intent, now } = facts;
  if (given.node !== facts.node) return rule("wrong_node", given.node);
  if (given.intent !== intent.id || given.hash !== intent.hash || given.class !== intent.class)
    return rule("hash_mismatch", given.intent);
  if (now + SKEW_MS < given.notBefore) return rule("not_yet_valid");
  const life = given.expiresAt - given.notBefore;
  if (life <= 0 || life > MAX_APPROVAL_MS || now >= given.expiresAt || facts.ageMs >= life)
    return rule("approval_expired");
  const insufficient = insufficientApprovers(given);
  if (insufficient !== null) return insufficient;
  if (facts.isUsed(given.nonce)) return rule("replayed", given.nonce.slice(0, 6));
  if (intent.state !== "proposed" || intent.shadow) return rule("already_decided", intent.state);
  return null;
}

/** Which kinds of approver are enough for a class is compiled in, on the node: no message can say otherwise. */
export function insufficientApprovers({
  class: repairClass,
  approvals,
}: Pick<Approval, "class" | "approvals">): Ruling | null {
  const people = new Set(approvals.filter(({ kind }) => kind === "human").map(({ principal }) => principal));
  if (people.size < approvals.filter(({ kind }) => kind === "human").length)
    return rule("approver_insufficient", "the same person twice");
  if (needsPerson(repairClass) && people.size === 0)
    return rule("approver_insufficient", `${repairClass} needs a person`);
  return null;
}
