/** Which repair could help: asked in order, each says its typed parameters and its plan, or that it does not apply. */
import { type Clock, type Log, messageOf, type Plan, type ProblemView, type RepairRun } from "cortex";
import type { IntentRecord } from "../../domain/intent.ts";
import type { RegisteredRepair, Registry } from "../../host/registry.ts";
import type { ProblemRecord } from "../../domain/problem.ts";
import { bounded } from "../act/steps.ts";

export interface Candidate {
  registered: RegisteredRepair;
  params: unknown;
  plan: Plan;
}

export interface CandidateSearch {
  found: Candidate | null;
  /** The best one whose promise was below the minimum; a person may still want it. */
  tooSmall: Candidate | null;
}

export function viewOf(problem: ProblemRecord): ProblemView {
  return {
    id: problem.id,
    check: problem.check,
    target: problem.target,
    type: problem.type,
    owner: problem.owner,
    severity: problem.severity,
    summary: problem.summary,
    openedAt: problem.openedAt,
    result: problem.result,
  };
}

const schemeOf = (owner: string | null) => (owner === null ? null : owner.slice(0, owner.indexOf(":")));

function applicable(registry: Registry, problem: ProblemRecord): RegisteredRepair[] {
  const scheme = schemeOf(problem.owner);
  return registry
    .repairs()
    .filter(({ repair }) => repair.remedies.includes(problem.type))
    .filter(({ repair }) => !repair.owners?.length || (scheme !== null && repair.owners.includes(scheme)))
    .toSorted((a, b) => (a.repair.order ?? 100) - (b.repair.order ?? 100));
}

/**
 * The repair that an intent stands for, as its row says; null when that instance or version is no longer here. Resolving
 * anew would not do: what a repair answers there depends on how the target is now.
 */
export function candidateOf(registry: Registry, intent: IntentRecord): Candidate | null {
  const { plan, from } = intent;
  const same = registry
    .repairs()
    .filter(({ repair }) => repair.name === intent.repair && repair.version === intent.repairVersion)
    .filter((one) => from === undefined || (one.plugin === from.plugin && one.instance === from.instance));
  const [registered] = same;
  if (plan === null || registered === undefined || same.length > 1) return null;
  return { registered, params: intent.params, plan };
}

export const runOf = (
  { registered }: Candidate,
  { log, ...run }: Omit<RepairRun, "log"> & { log: (plugin: string, instance: string) => Log },
): RepairRun => ({ ...run, log: log(registered.plugin, registered.instance) });

export interface SearchOptions {
  minPromise: number;
  clock: Clock;
  signal: AbortSignal;
  intentId: string;
  log: (plugin: string, instance: string) => Log;
}

export async function findCandidate(
  registry: Registry,
  problem: ProblemRecord,
  options: SearchOptions,
): Promise<CandidateSearch> {
  let tooSmall: Candidate | null = null;
  for (const registered of applicable(registry, problem)) {
    const log = options.log(registered.plugin, registered.instance);
    try {
      const candidate = await bounded(options, (signal) =>
        ask(registered, problem, { signal, intentId: options.intentId, log }),
      );
      if (candidate === null) continue;
      const { promise } = candidate.plan;
      if (promise !== undefined && promise.freedBytes < options.minPromise * promise.totalBytes) {
        tooSmall ??= candidate;
        continue;
      }
      return { found: candidate, tooSmall };
    } catch (error) {
      log.warn("A repair could not be planned.", {
        repair: registered.repair.name,
        reason: messageOf(error),
      });
    }
  }
  return { found: null, tooSmall };
}

async function ask(
  registered: RegisteredRepair,
  problem: ProblemRecord,
  run: RepairRun,
): Promise<Candidate | null> {
  const { repair } = registered;
  const resolved = await repair.resolve(viewOf(problem), run);
  if (resolved === null) return null;
  const params = repair.params.parse(resolved);
  const plan = await repair.plan(params, run);
  return plan.empty ? null : { registered, params, plan };
}
