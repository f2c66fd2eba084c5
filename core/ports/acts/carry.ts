/** What the verbs have in common. */
import type { ApplyOutcome, Exec, HostActOf, HostVerb } from "cortex";

export interface ActDeps {
  exec: Exec;
}

/** One verb. It never throws for what the host refuses. */
export type Carry<V extends HostVerb> = (act: HostActOf<V>, signal: AbortSignal) => Promise<ApplyOutcome>;

/** What was not done, and why, in one line. */
export const refused = (summary: string, data?: Record<string, unknown>): ApplyOutcome => ({
  ok: false,
  summary,
  ...(data === undefined ? {} : { data }),
});
