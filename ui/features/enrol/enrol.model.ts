/** Which nodes wait, which belong, and what may be done to each. */
import type { IdentityItem, TokenItem } from "../../data/types.ts";

export const LIFETIMES = ["3600", "14400", "86400"] as const;
export type Lifetime = (typeof LIFETIMES)[number];

export type Act = "release" | "rotate" | "revoke";

/** A revoked node is history: nothing can be done to it. */
export function actsOn({ state }: Pick<IdentityItem, "state">): Act[] {
  if (state === "quarantined") return ["release", "revoke"];
  return state === "active" ? ["rotate", "revoke"] : [];
}

const ORDER: Record<IdentityItem["state"], number> = { quarantined: 0, pending: 1, active: 2, revoked: 3 };

/** Those that wait, the longest waiting first; and the others, what needs a person first. */
export function sorted(items: readonly IdentityItem[]): { waiting: IdentityItem[]; others: IdentityItem[] } {
  const waiting = items
    .filter((one) => one.state === "pending")
    .toSorted((a, b) => a.requestedAt.localeCompare(b.requestedAt));
  const others = items
    .filter((one) => one.state !== "pending")
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || a.name.localeCompare(b.name));
  return { waiting, others };
}

/** Who came with this token, if anybody did. */
export const cameWith = (token: string, items: readonly IdentityItem[]): IdentityItem | undefined =>
  items.find((one) => one.token === token);

/** Open ones; the others are of interest for a while only. */
export const openTokens = (tokens: readonly TokenItem[]): TokenItem[] =>
  tokens.filter((one) => one.state === "open").toReversed();
