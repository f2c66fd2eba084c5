/** What autonomy means to people: how a state looks, and where it holds, in words. */
import type { Tone } from "../../kit/tone.tsx";
import type { AutonomyGrant, AutonomyState } from "../../data/types.ts";

export const STATE_TONES: Record<AutonomyState, Tone> = { act: "ok", ask: "accent", shadow: "idle" };

/** `node:n_…` by the node's name, `*` as a word; groups and labels as they are written. */
export function scopeText(
  scope: string,
  nameOf: (id: string) => string | undefined,
  everywhere: string,
): string {
  if (scope === "*") return everywhere;
  if (!scope.startsWith("node:")) return scope;
  const id = scope.slice("node:".length);
  return nameOf(id) ?? id;
}

/** Whole percent that holds at least; never rounded up. */
export const atLeast = (bound: number): number => Math.floor(bound * 100);

/** What was lost by a bad outcome comes first: somebody should look why. */
export const sortGrants = (grants: readonly AutonomyGrant[]): AutonomyGrant[] =>
  grants.toSorted(
    (a, b) =>
      Number(isLost(b)) - Number(isLost(a)) ||
      a.repair.localeCompare(b.repair) ||
      a.scope.localeCompare(b.scope),
  );

export const isLost = ({ state, by }: Pick<AutonomyGrant, "state" | "by">): boolean =>
  state === "ask" && by === "cortex";
