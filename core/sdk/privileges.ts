/**
 * Root work without root: what a plugin's repairs need where Cortex runs as a user of its own, and whether this node's
 * administrator granted it (`cortex privileges install`). Rights are exact: one unit and verb, or one chore without parameters.
 */
import type { Effect } from "./effect.ts";

export const UNIT_VERBS = ["start", "restart", "reload"] as const;
export type UnitVerb = (typeof UNIT_VERBS)[number];

/** Root work of fixed words, done by a one-shot unit that Cortex may only start. */
export interface Chore {
  /** Part of the unit's name: small letters, digits and -. */
  name: string;
  /** "cut the journal to 500 MiB": what the unit says about itself. */
  summary: string;
  /** Run one after the other; argv with absolute programs. */
  commands: readonly (readonly string[])[];
  /** Folders it may write in; all others are read-only for it. */
  writes: readonly string[];
  /** Of capabilities(7); none where root owns what is touched. */
  capabilities: readonly string[];
}

/** What a configured instance asks its administrator for. */
export interface PrivilegeWishes {
  /** Exact unit names. */
  units?: readonly { unit: string; verbs: readonly UnitVerb[] }[];
  chores?: readonly Chore[];
}

/** How a chore is done here: by Cortex itself as root, by starting a unit, or not at all, with what to run. */
export type ChoreWay = { by: "self" } | { by: "unit"; unit: string } | { by: "nobody"; missing: string };

/** At once, with a signed approval, or not at all. */
export type HelperLeave = "alone" | "decided" | null;

export interface Privileges {
  /** Null when Cortex may do this to the unit; else what is missing and what to run, in one line. */
  unit(unit: string, verb: UnitVerb): string | null;
  /** How far the privileged helper would do this; null also where Cortex does it without the helper. */
  helper(effect: Effect): HelperLeave;
  /** What the configuration asks for units and was not granted, one line each. */
  missing(): string[];
  /** Of this instance's own wishes, by name. */
  chore(name: string): ChoreWay;
}
