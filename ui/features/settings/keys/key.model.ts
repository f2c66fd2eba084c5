/** How long a key lives: days, or for ever. */
export const LIFETIMES = ["7", "30", "90", "365", "never"] as const;
export type Lifetime = (typeof LIFETIMES)[number];

/** Seconds that a replaced secret goes on. */
export const GRACES = ["0", "3600", "86400"] as const;
export type Grace = (typeof GRACES)[number];

const DAY_MS = 86_400_000;

/** ISO 8601, null for never. `now` in epoch ms. */
export const expiryOf = (lifetime: Lifetime, now: number): string | null =>
  lifetime === "never" ? null : new Date(now + Number(lifetime) * DAY_MS).toISOString();
