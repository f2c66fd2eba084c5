/** The privileged helper as the engine sees it: one port, behind which an approved act is carried out as root. */
import type { ApplyOutcome, Effect, HelperLeave } from "cortex";
import type { Approval } from "../../domain/decide/approval.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { RootWork } from "../../domain/root-work.ts";

/**
 * `isLost`: it was asked and did not answer, so that nobody here can tell whether it was done. `isRefused`: it said no, or
 * could not be asked, so that nothing was done.
 */
export type HelperOutcome = ApplyOutcome & { isLost?: true; isRefused?: true };

/** In place of "apply", where the helper refused: nothing was done, so that it says nothing about the repair. */
export const REFUSED_STEP = "helper";

export interface RootHelper {
  /** How far root's policy leaves this to the helper; null also where there is none. */
  leave(effect: Effect): HelperLeave;
  /** Never throws: that it refused or can't be reached is an outcome. */
  act(work: RootWork, approval: Approval | null): Promise<HelperOutcome>;
}

/** Everything that the intent's hash is made of, so that the helper can make it again. */
export function workOf(intent: IntentRecord): RootWork | null {
  const { id, repair, repairVersion: version, class: repairClass, params, plan, expiresAt } = intent;
  if (repair === null || version === null || repairClass === null || plan?.effects === undefined) return null;
  return {
    intent: id,
    repair,
    version,
    class: repairClass,
    params,
    plan: { ...plan, effects: plan.effects },
    expiresAt,
  };
}
