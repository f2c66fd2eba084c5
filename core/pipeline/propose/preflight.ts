/** What must hold before an act: the configuration it would load passes its test (guard G7), and all preconditions. */
import { type Clock, type ConfigTest, messageOf, type RepairRun } from "cortex";
import type { HoldReason } from "../../domain/problem.ts";
import type { Candidate } from "./candidates.ts";
import { bounded } from "../act/steps.ts";

export interface Preflight {
  /** null where none exists. */
  test: ConfigTest | null;
  /** What stops the repair; null when nothing does. */
  unmet: { reason: HoldReason; text: string } | null;
}

/** It changes nothing and never throws: what could not be measured does not hold. */
export async function preflight(candidate: Candidate, run: RepairRun, clock: Clock): Promise<Preflight> {
  const { repair } = candidate.registered;
  const limits = { clock, signal: run.signal };
  let test: ConfigTest | null = null;
  try {
    test =
      (await bounded(limits, (signal) => repair.configTest?.(candidate.params, { ...run, signal }))) ?? null;
    if (test !== null && !test.ok)
      return { test, unmet: { reason: "config_test_failed", text: test.summary } };
    const measured = await bounded(limits, (signal) =>
      repair.preconditions?.(candidate.params, { ...run, signal }),
    );
    const missing = measured?.find((one) => !one.ok);
    if (missing === undefined) return { test, unmet: null };
    return { test, unmet: { reason: "precondition_failed", text: `${missing.name}: ${missing.detail}` } };
  } catch (error) {
    const text = `what must hold before could not be measured: ${messageOf(error)}`;
    return { test, unmet: { reason: "precondition_failed", text } };
  }
}
