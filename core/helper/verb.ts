/** What a verb of the helper is: one kind of root work, typed from end to end. A verb is a file in `verbs/` and a line in `verbs.ts`. */
import type { ApplyOutcome, Clock, Effect, Exec, HelperLeave, RepairClass } from "cortex";
import type { HelperPolicy } from "../domain/helper-policy.ts";

export interface VerbPorts {
  exec: Exec;
  clock: Clock;
}

export interface Verb<A = unknown> {
  name: string;
  /** Least careful class that such an act may be approved as, whatever the agent calls it. */
  floor: RepairClass;
  /** Acts in any 24 hours, where the budgets of an hour are too wide. */
  mostADay?: number;
  /** The act that an approved effect stands for; null when it is no work of this verb. */
  read(effect: Effect): A | null;
  /** What budgets count by, and people read: "restart nginx.service". */
  target(act: A): string;
  describe(act: A): string;
  leave(act: A, policy: HelperPolicy): HelperLeave;
  /** Measured right before the act; why it must not be done, or null. Reads only. */
  unmet(act: A, ports: VerbPorts): Promise<string | null>;
  run(act: A, ports: VerbPorts): Promise<ApplyOutcome>;
}

/** Type helper: keeps the functions in step, then forgets the act's type so that verbs fit in one list. */
export function defineVerb<A>(verb: Verb<A>): Verb {
  return verb as unknown as Verb;
}
