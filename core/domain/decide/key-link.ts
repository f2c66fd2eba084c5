/**
 * Links between deciding keys: the old key's signed word that a new one decides from now on. A node believes it only together
 * with the Monitor's identity key, which it pinned when it joined: neither of the two stolen keys alone moves a node.
 */
import * as z from "zod";
import { MAX_APPROVAL_MS } from "./approval.ts";
import { canonicalJson } from "../ledger.ts";
import { rule, type Ruling } from "./reasons.ts";

const DOMAIN = "cortex.deciding-key.v1\0";
const integer = z.number().int().nonnegative();
const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const signature = z.string().max(100);

/** Integers in milliseconds, keys base64url; everything but `signatures` is signed. */
export const keyLink = z.strictObject({
  v: z.literal(1),
  type: z.literal("cortex.deciding-key"),
  from: key,
  to: key,
  at: integer,
  /** Until then the old key is good, too, for what it signed before. */
  until: integer,
  /** By the old key, by the new one (its owner has it) and by the Monitor's identity key. */
  signatures: z.strictObject({ from: signature, to: signature, monitor: signature }),
});
export type KeyLink = z.infer<typeof keyLink>;

export const keyLinkBytes = ({ signatures: _, ...signed }: KeyLink): string => DOMAIN + canonicalJson(signed);

/** What an old key signed may be on its way this long, and no longer whatever its link says. */
export const MAX_OVERLAP_MS = MAX_APPROVAL_MS;
/** More rotations than a node misses while it is away. */
export const MAX_LINKS = 100;
/** Clocks of two machines are never quite alike. */
export const SKEW_MS = 30_000;

export interface KeyLinkFacts {
  /** The key that decides here, base64url; null when there is none. */
  trusted: string | null;
  /** The Monitor's identity key as it was pinned, base64url. */
  monitor: string;
  /** Keys that are never taken up: removed here, or left behind by an earlier link. */
  banned: readonly string[];
  verify(signer: string, message: string, signature: string): boolean;
  now: number;
}

/** The links that lead from the key in force to the newest one, each of them checked; none when it is the newest. */
export function followKeyLinks(raw: unknown, facts: KeyLinkFacts): { links: KeyLink[] } | Ruling {
  const parsed = z.array(keyLink).min(1).max(MAX_LINKS).safeParse(raw);
  if (!parsed.success) return rule("malformed_approval", parsed.error.issues[0]?.path.join(".") ?? "");
  const chain = parsed.data;
  const { trusted } = facts;
  if (chain.at(-1)!.to === trusted) return { links: [] };
  const first = chain.findIndex(({ from }) => from === trusted);
  if (trusted === null || first === -1) return rule("unknown_signer", chain.at(-1)!.from.slice(0, 8));
  const links = chain.slice(first);
  const gone = new Set([...facts.banned, trusted]);
  let at = trusted;
  for (const link of links) {
    if (link.from !== at) return rule("unknown_signer", link.from.slice(0, 8));
    const fault = faultOf(link, gone, facts);
    if (fault !== null) return fault;
    gone.add(link.to);
    at = link.to;
  }
  return { links };
}

function faultOf(link: KeyLink, gone: ReadonlySet<string>, facts: KeyLinkFacts): Ruling | null {
  const { from, to, at, until, signatures } = link;
  const message = keyLinkBytes(link);
  const isSigned =
    facts.verify(from, message, signatures.from) &&
    facts.verify(to, message, signatures.to) &&
    facts.verify(facts.monitor, message, signatures.monitor);
  if (!isSigned) return rule("bad_signature");
  if (gone.has(to)) return rule("replayed", `${to.slice(0, 8)} was taken away here or replaced before`);
  if (at > facts.now + SKEW_MS) return rule("not_yet_valid");
  return until < at || until - at > MAX_OVERLAP_MS ? rule("approval_expired") : null;
}
