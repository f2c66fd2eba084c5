/** Which repair could help: asked in order, each says its typed parameters and its plan, or that it does not apply. */
import { type Log, messageOf, type Plan, type ProblemView, type RepairRun } from "cortex";
import type { RegisteredRepair, Registry } from "../host/registry.ts";
import type { ProblemRecord } from "../domain/problem.ts";

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

export async function findCandidate(
  registry: Registry,
  problem: ProblemRecord,
  run: Omit<RepairRun, "log">,
  options: { minPromise: number; log: (registered: RegisteredRepair) => Log },
): Promise<CandidateSearch> {
  let tooSmall: Candidate | null = null;
  for (const registered of applicable(registry, problem)) {
    const log = options.log(registered);
    try {
      const candidate = await ask(registered, problem, { ...run, log });
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
