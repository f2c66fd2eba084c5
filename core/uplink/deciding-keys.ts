/** Whose decisions this node carries out, as its own files say: the key in force, and one that was just replaced by a link. */
import { followKeyLinks, MAX_OVERLAP_MS, SKEW_MS } from "../domain/decide/key-link.ts";
import type { Ruling } from "../domain/decide/reasons.ts";
import { verifySignature } from "../store/key-file.ts";
import type { Upstream } from "../store/upstream.ts";
import { type Beliefs, deciderName } from "./beliefs.ts";

/** `from` and `to` are base64url; the same ones when nothing was new. */
export type Followed = { from: string; to: string } | Ruling;

const base64Of = (name: string): string => Buffer.from(name, "base64url").toString("base64");

/** Names of the keys that decide at this moment. Without one in force there is none at all. */
export function decidingKeys(joined: Upstream | null, now: number): string[] {
  if (joined === null || joined.decisionKey === null) return [];
  const { decisionKey, replacedKeys = [], refusedKeys = [] } = joined;
  // A clock that was set back makes no key live longer.
  const late = replacedKeys.filter(
    ({ key, since, until }) => since - SKEW_MS <= now && now < until && !refusedKeys.includes(key),
  );
  return [decisionKey, ...late.map(({ key }) => key)].map(deciderName);
}

/** Take up the newest key of a chain of links; written down before it is trusted. `actor`: who told of it. */
export function followInto(beliefs: Beliefs, raw: unknown, now: number, actor: string): Followed {
  const joined = beliefs.read();
  const { decisionKey = null, publicKey = "", replacedKeys = [], refusedKeys = [] } = joined ?? {};
  const found = followKeyLinks(raw, {
    trusted: decisionKey && deciderName(decisionKey),
    monitor: deciderName(publicKey),
    banned: [...refusedKeys, ...replacedKeys.map(({ key }) => key)].map(deciderName),
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
    now,
  });
  if ("verdict" in found) return found;
  const from = deciderName(decisionKey!);
  const last = found.links.at(-1);
  if (last === undefined) return { from, to: from };
  const replaced = found.links.map((link) => ({
    key: base64Of(link.from),
    since: now,
    until: Math.min(link.until, now + MAX_OVERLAP_MS),
  }));
  const followed = { from, to: last.to };
  beliefs.change(
    { kind: "deciding_key.followed", actor, data: followed },
    { ...joined!, decisionKey: base64Of(last.to), replacedKeys: [...replacedKeys, ...replaced] },
  );
  return followed;
}
