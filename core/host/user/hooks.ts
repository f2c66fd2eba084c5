/** Checks and repairs of a user's plugin as hooks of the program: each call crosses to the child and back. */
import {
  type Check,
  type Exec,
  type PluginHooks,
  type Repair,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import * as z from "zod";
import type { CheckFacts, InstanceFacts, RepairFacts } from "./protocol.ts";
import { planSaid, preconditionsSaid, resultsSaid } from "./said.ts";
import type { Session } from "./session.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** The child gets this much longer than the check, so that a slow check is a slow check and only a hang is a hang. */
const GRACE_MS = 500;

export interface RemoteHooks {
  session: Session;
  instance: string;
  /** Programs the plugin declared; its plans' steps run through it. */
  exec: Exec;
  timeoutMs: number | undefined;
  /** For a check that has none of its own. */
  checkTimeoutMs: () => number;
}

export function hooksOf(facts: InstanceFacts, remote: RemoteHooks): PluginHooks {
  return {
    checks: facts.checks.map((one) => checkOf(one, remote)),
    repairs: facts.repairs.map((one) => repairOf(one, remote)),
  };
}

function checkOf(facts: CheckFacts, { session, instance, timeoutMs, checkTimeoutMs }: RemoteHooks): Check {
  const targets = new Set<string>();
  return {
    ...facts,
    async run(run): Promise<(Result | Skipped)[]> {
      const budget = (timeoutMs ?? facts.timeoutMs ?? checkTimeoutMs()) + GRACE_MS;
      const previous: Record<string, Status> = {};
      for (const target of targets) previous[target] = run.previous(target) ?? "ok";
      const input = { instance, check: facts.name, previous, oneShot: run.oneShot };
      const said = resultsSaid(await session.call("check", input, budget));
      targets.clear();
      for (const one of said) if ("status" in one && targets.size < 1000) targets.add(one.target);
      return said;
    },
  };
}

/** A step of a plan that may run: a program that the plugin declared, by argv. */
const steps = z.strictObject({
  exec: z
    .array(z.array(z.string().min(1)).min(1))
    .min(1)
    .max(20),
});

function repairOf(facts: RepairFacts, { session, instance, exec }: RemoteHooks): Repair {
  const { hasPreconditions, ignored: _, ...rest } = facts;
  const call = { instance, repair: facts.name };
  return {
    ...rest,
    params: z.unknown(),
    resolve: (problem, run) =>
      session.call("resolve", { ...call, problem, intentId: run.intentId }, DEFAULT_TIMEOUT_MS),
    plan: async (params, run) =>
      planSaid(await session.call("plan", { ...call, params, intentId: run.intentId }, DEFAULT_TIMEOUT_MS)),
    ...(hasPreconditions
      ? {
          async preconditions(params, run) {
            const input = { ...call, params, intentId: run.intentId };
            return preconditionsSaid(await session.call("preconditions", input, DEFAULT_TIMEOUT_MS));
          },
        }
      : {}),
    // What was planned is what runs: the child is not asked again, and only declared programs can start.
    async apply(_params, plan, run) {
      const parsed = steps.safeParse(plan.data);
      if (!parsed.success)
        return { ok: false, summary: "the plan has no steps that may run (plan.data.exec)" };
      for (const argv of parsed.data.exec) {
        const result = await exec.run(argv, { signal: run.signal, env: { CORTEX_INTENT: run.intentId } });
        if (result.exitCode !== 0)
          return {
            ok: false,
            summary: `${argv[0]} ended with ${result.exitCode ?? "a signal"}`,
            data: { stderr: result.stderr },
          };
      }
      return { ok: true, summary: `${parsed.data.exec.length} steps ran` };
    },
    undo: "none",
  };
}
