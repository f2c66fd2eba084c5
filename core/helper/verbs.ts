/** Everything that the helper can do. What is not here does not exist for it. */
import type { Effect, HelperLeave } from "cortex";
import type { HelperPolicy } from "../domain/helper-policy.ts";
import type { Verb } from "./verb.ts";
import { rebootVerb } from "./verbs/reboot.ts";
import { unitVerb } from "./verbs/unit.ts";

export const VERBS: readonly Verb[] = [unitVerb, rebootVerb];

export interface VerbAct {
  verb: Verb;
  act: unknown;
}

/** The one verb that an effect is work of; null when it is none's. */
export function actOf(effect: Effect): VerbAct | null {
  for (const verb of VERBS) {
    const act = verb.read(effect);
    if (act !== null) return { verb, act };
  }
  return null;
}

/** How far this policy leaves such an effect to the helper. */
export function leaveOf(effect: Effect, policy: HelperPolicy): HelperLeave {
  const found = actOf(effect);
  return found === null ? null : found.verb.leave(found.act, policy);
}
