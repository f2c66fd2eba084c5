/**
 * Everything that a node checks before it believes an approval, in a fixed order: the signed message itself, then whether what
 * was approved is still what would be done here today.
 */
import type { Effect, Plan } from "cortex";
import { canonicalJson } from "../ledger.ts";
import { type ApprovalFacts, refusal } from "./approval.ts";
import { rule, type Ruling } from "./reasons.ts";

export interface ExamineFacts {
  approval: ApprovalFacts;
  /** `name@version`, for the message. */
  repair: string;
  /** The repair is registered here, with parameters that fit. */
  isRegistered: boolean;
  isProblemOpen: boolean;
  /** This node's own policy leaves it to decisions. */
  isAllowedHere: boolean;
  planThen: Plan | null;
  /** Measure the plan again. */
  planNow(): Promise<Plan>;
  /** Where a path leads once all symbolic links were followed. */
  realPath(path: string): Promise<string>;
}

/** Null when the approval holds, else why it does not. Nothing is written. */
export async function examine(raw: unknown, facts: ExamineFacts): Promise<Ruling | null> {
  const refused = refusal(raw, facts.approval);
  if (refused !== null) return refused;
  if (!facts.isRegistered) return rule("unknown_action", facts.repair);
  if (!facts.isProblemOpen) return rule("precondition_changed", "its problem has ended");
  if (!facts.isAllowedHere) return rule("local_policy", facts.repair);
  let plan: Plan;
  try {
    plan = await facts.planNow();
  } catch (error) {
    return rule("plan_changed", `it can't be measured: ${error instanceof Error ? error.message : ""}`);
  }
  if (facts.planThen === null || basisOf(plan) !== basisOf(facts.planThen))
    return rule("plan_changed", plan.summary);
  return leavesRoot(plan.effects ?? [], facts);
}

const basisOf = (plan: Plan): string => plan.basis ?? canonicalJson(plan);

/** A path must be where it says: what was approved is the name, what would be touched is the file behind it. */
async function leavesRoot(effects: readonly Effect[], facts: ExamineFacts): Promise<Ruling | null> {
  for (const path of effects.flatMap(pathOf)) {
    const real = await facts.realPath(path);
    if (real !== path.replace(/(?<=.)\/+$/, "")) return rule("realpath_outside_root", `${path} is ${real}`);
  }
  return null;
}

function pathOf(effect: Effect): string[] {
  if (effect.kind === "delete") return [effect.root];
  if (effect.kind === "write") return [effect.file];
  return effect.kind === "mount" ? [effect.path] : [];
}
