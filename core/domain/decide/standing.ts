/**
 * Standing approvals: what one node may do by itself besides what its classes allow, and what it may only say. One document
 * per node, signed by the Monitor that decides; each replaces the one before. What it grants lapses; what it forbids stays
 * until another document says otherwise.
 */
import * as z from "zod";
import { canonicalJson } from "../ledger.ts";
import { rule, type Ruling } from "./reasons.ts";

const DOMAIN = "cortex.standing.v1\0";
const integer = z.number().int().nonnegative();

/**
 * How much a repair may do in some place. `shadow`: it says what it would do. `ask`: somebody decides each time. `act`: it
 * acts by itself (L1).
 */
export const AUTONOMY_STATES = ["shadow", "ask", "act"] as const;
export type AutonomyState = (typeof AUTONOMY_STATES)[number];

export const standingEntry = z.strictObject({
  /** Of the grant that it comes from; a node that withdrew it once never takes it up again. */
  id: z.uuid(),
  repair: z.string().min(1).max(100),
  state: z.enum(AUTONOMY_STATES),
  /** No repair of a higher class acts by it, whatever it is called. R3 and R4 are not in the set. */
  maxClass: z.enum(["R0", "R1", "R2"]),
  /** Who accepted it, for the ledger: `user:anna`. */
  by: z.string().min(1).max(200),
  /** How often it may act within 24 hours. */
  maxRuns: z.number().int().min(1).max(1000),
});
export type StandingEntry = z.infer<typeof standingEntry>;

/** Integers in milliseconds; everything but `signature` is signed. */
export const standing = z.strictObject({
  v: z.literal(1),
  type: z.literal("cortex.standing"),
  node: z.string().min(1).max(100),
  /** Time of signing, and more than in any document before; an older one is refused. */
  serial: integer,
  notBefore: integer,
  expiresAt: integer,
  entries: z.array(standingEntry).max(500),
  signer: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  signature: z.string().max(100),
});
export type Standing = z.infer<typeof standing>;

export const standingBytes = ({ signature: _, ...signed }: Standing): string =>
  DOMAIN + canonicalJson(signed);

/** Longest life of a document, whatever its signer wrote: so long a node that is cut off acts by it. */
export const MAX_STANDING_MS = 30 * 86_400_000;
/** Clocks of two machines are never quite alike. */
const SKEW_MS = 30_000;

export interface StandingFacts {
  node: string;
  /** Keys that may decide for this node, base64url. */
  trusted: readonly string[];
  verify(signer: string, message: string, signature: string): boolean;
  /** The document in force; null when there is none. */
  current: { signer: string; serial: number } | null;
  /** Highest number that was ever taken from a signer; 0 when none was. */
  lastOf(signer: string): number;
  now: number;
}

/** Where a node keeps the document in force. */
export const STANDING_KEY = "standing";

export interface KeptStanding<Mark = unknown> {
  document: Standing;
  received: Mark;
  /** It came back with a backup: until it is told anew it forbids what it forbade and grants nothing. */
  isRestored?: true;
}

/** Null when the node may take it, else why not. */
export function standingRefusal(raw: unknown, facts: StandingFacts): Ruling | null {
  const parsed = standing.safeParse(raw);
  if (!parsed.success) return rule("malformed_approval", parsed.error.issues[0]?.path.join(".") ?? "");
  const given = parsed.data;
  if (!facts.trusted.includes(given.signer)) return rule("unknown_signer", given.signer.slice(0, 8));
  if (!facts.verify(given.signer, standingBytes(given), given.signature)) return rule("bad_signature");
  if (given.node !== facts.node) return rule("wrong_node", given.node);
  const { now } = facts;
  const last = lastNumber(given.signer, facts);
  if (given.serial < last) return rule("replayed", `number ${given.serial} after ${last}`);
  if (now + SKEW_MS < given.notBefore) return rule("not_yet_valid");
  const life = given.expiresAt - given.notBefore;
  return life <= 0 || life > MAX_STANDING_MS || now >= given.expiresAt ? rule("approval_expired") : null;
}

/**
 * Numbers are times: of two signers that are trusted, the later word stands, so that an earlier one of the other is not put in
 * its place again. What a signer said who is trusted no more stands in nobody's way.
 */
function lastNumber(signer: string, { current, trusted, lastOf }: StandingFacts): number {
  const inForce = current !== null && trusted.includes(current.signer) ? current.serial : 0;
  return Math.max(lastOf(signer), inForce);
}
