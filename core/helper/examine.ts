/**
 * Everything that is checked before the helper acts, in a fixed order. It believes nothing that the agent says: the act is read
 * from the approved plan, the plan is bound by the approval's hash, and the hash is made again here.
 */
import {
  type Approval,
  insufficientApprovers,
  refusal,
  approval as approvalSchema,
} from "../domain/decide/approval.ts";
import { hashOf } from "../domain/decide/bound-hash.ts";
import { grammarFault } from "../domain/decide/grammar.ts";
import { crossedInvariant } from "../domain/decide/invariants.ts";
import { REASONS, type ReasonCode } from "../domain/decide/reasons.ts";
import type { HelperPolicy } from "../domain/helper-policy.ts";
import type { RootWork } from "../domain/root-work.ts";
import type { Verb, VerbPorts } from "./verb.ts";
import { actOf, type VerbAct } from "./verbs.ts";

export interface HelperFacts {
  policy: HelperPolicy;
  /** Keys that may decide, base64url, of root's own trust store. */
  trusted: readonly string[];
  verify(signer: string, message: string, signature: string): boolean;
  isUsed(nonce: string): boolean;
  isBegun(intent: string): boolean;
  begunWithin(ms: number): { verb: string; target: string }[];
  now: number;
  /** Milliseconds since the question arrived, on a clock that does not jump. */
  ageMs: number;
  ports: VerbPorts;
}

/** Those of approvals, and the helper's own. */
export type HelperReason = ReasonCode | "no_approval" | "budget_used" | "precondition_unmet";

export interface Refused {
  reason: HelperReason;
  message: string;
}

export interface Allowed extends VerbAct {
  target: string;
  approval: Approval | null;
}

const HOUR_MS = 3_600_000;
const OWN_PATHS = [
  "/var/lib/cortex",
  "/var/lib/cortex-key",
  "/var/lib/cortex-helper",
  "/etc/cortex",
  "/usr/local/lib/cortex",
];

const refused = (reason: HelperReason, message: string): Refused => ({ reason, message });

/** Nothing is written; what is allowed is still to be burnt. */
export async function examine(
  work: RootWork,
  approval: unknown,
  facts: HelperFacts,
): Promise<Allowed | Refused> {
  const [effect, ...more] = work.plan.effects;
  const found = effect === undefined || more.length > 0 ? null : actOf(effect);
  if (effect === undefined || found === null)
    return refused("unknown_action", "no verb of the helper does exactly this plan");
  const { verb, act } = found;
  const crossed = grammarFault("", [effect]) ?? crossedInvariant([effect], invariants(facts.policy));
  if (crossed !== null) return refused(crossed.reason, `${REASONS[crossed.reason].text} (${crossed.detail})`);
  const leave = verb.leave(act, facts.policy);
  const what = verb.describe(act);
  if (leave === null) return refused("local_policy", `helper.yaml does not allow it: ${what}`);
  if (approval === null && leave !== "alone")
    return refused("no_approval", `helper.yaml allows it with a signed approval only: ${what}`);
  const untrue = approval === null ? null : distrust(work, approval, verb.floor, facts);
  if (untrue !== null) return untrue;
  if (facts.isBegun(work.intent)) return refused("replayed", "an act for this intent was begun before");
  const target = verb.target(act);
  const spent = overspent(verb, target, facts);
  if (spent !== null) return refused("budget_used", spent);
  const unmet = await verb.unmet(act, facts.ports);
  if (unmet !== null) return refused("precondition_unmet", unmet);
  return { ...found, target, approval: approval === null ? null : approvalSchema.parse(approval) };
}

/** Why the approval is not one for exactly this; null when it is. */
function distrust(
  work: RootWork,
  approval: unknown,
  floor: RootWork["class"],
  facts: HelperFacts,
): Refused | null {
  const { node } = facts.policy;
  const intent = {
    id: work.intent,
    state: "proposed",
    hash: hashOf({ node, ...work }),
    class: work.class,
    shadow: false,
  };
  const ruling =
    refusal(approval, { ...facts, node, intent }) ??
    insufficientApprovers({ class: floor, approvals: approvalSchema.parse(approval).approvals });
  if (ruling === null) return null;
  return refused(
    ruling.reason,
    `${REASONS[ruling.reason].text}${ruling.detail === "" ? "" : ` (${ruling.detail})`}`,
  );
}

function overspent(
  { name: verb, mostADay = Number.POSITIVE_INFINITY }: Verb,
  target: string,
  { policy, begunWithin }: HelperFacts,
): string | null {
  const { per_hour, per_target_per_hour } = policy.budgets;
  const today = begunWithin(24 * HOUR_MS).filter((one) => one.verb === verb).length;
  if (today >= mostADay) return `${today} of ${mostADay} acts of this kind were begun in the last 24 hours`;
  const lately = begunWithin(HOUR_MS);
  if (lately.length >= per_hour) return `${per_hour} acts were begun in the last hour`;
  const here = lately.filter((one) => one.verb === verb && one.target === target).length;
  return here >= per_target_per_hour ? `${here} acts on ${target} were begun in the last hour` : null;
}

const invariants = ({ user }: HelperPolicy) => ({
  minGenerations: 1,
  ownPaths: OWN_PATHS,
  ownNames: ["cortex", user],
  protectedUnits: [],
  admins: [],
});
