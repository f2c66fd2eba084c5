/** What this node believes of an approval: every fact is its own, measured here and now. */
import { type Clock, type HostFs, type Log, type NodeFacts, type Plan, realPath } from "cortex";
import { type Approval, approval as approvalSchema, approvalBytes } from "../../domain/decide/approval.ts";
import { examine as examineApproval } from "../../domain/decide/examine.ts";
import type { Ruling } from "../../domain/decide/reasons.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import type { Registry } from "../../host/registry.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { bounded } from "../act/steps.ts";
import { type Candidate, candidateOf, runOf } from "../propose/candidates.ts";
import type { Judge } from "../propose/judge.ts";
import type { Laws } from "../propose/laws.ts";
import type { Problems } from "../watch/problems.ts";
import type { TrustStore } from "./trust-store.ts";

/** `isLaw`: no other approval of the same could be believed either. */
export type Refusal = Ruling & { isLaw?: boolean };

/** What an approval that is believed is about. */
export interface Believed {
  candidate: Candidate;
  problem: ProblemRecord;
  approval: Approval;
}

export interface ExaminationDeps {
  store: AgentStore;
  problems: Problems;
  judge: Judge;
  laws: Laws;
  registry: Registry;
  trust: TrustStore;
  clock: Clock;
  fs: HostFs;
  node: NodeFacts;
  mark: () => TimeMark;
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

export type Examination = ReturnType<typeof createExamination>;

export function createExamination(deps: ExaminationDeps) {
  const { store, problems, judge, clock } = deps;

  /** All that can be checked before anything is written; the ruling when something does not hold. */
  async function examine(
    raw: unknown,
    intent: IntentRecord,
    received: TimeMark,
  ): Promise<Believed | Refusal> {
    const candidate = candidateOf(deps.registry, intent);
    const problem = intent.problemId === null ? null : problems.get(intent.problemId);
    const isOpenProblem = problem?.state === "open";
    const refused = await examineApproval(raw, {
      approval: factsOf(intent, received),
      repair: `${intent.repair}@${intent.repairVersion}`,
      isRegistered: candidate !== null,
      isProblemOpen: isOpenProblem,
      isAllowedHere: candidate !== null && isOpenProblem && isAllowedHere(problem, candidate),
      planThen: intent.plan,
      planNow: () => planOf(intent, candidate!),
      realPath: (path) => realPath(deps.fs, path),
    });
    if (refused !== null) return refused;
    const crossed = deps.laws.crossed(intent.target ?? "", candidate!.plan);
    if (crossed !== null) return { ...crossed, isLaw: true };
    return { candidate: candidate!, problem: problem!, approval: approvalSchema.parse(raw) };
  }

  const factsOf = (intent: IntentRecord, received: TimeMark) => ({
    node: deps.node.id,
    intent: { ...intent, class: intent.class },
    trusted: deps.trust.signers(),
    verify: (signer: string, message: string, signature: string) =>
      deps.trust.verify(signer, message, signature),
    isUsed: (nonce: string) => store.approvals.usedFor(nonce) !== null,
    now: clock.now(),
    ageMs: elapsed(received, deps.mark()),
  });

  /** What policy on this node leaves to decisions; observe and shadow are nobody's to overrule from afar. */
  function isAllowedHere(problem: ProblemRecord, candidate: Candidate): boolean {
    const { mode } = judge.level(problem, candidate, false);
    return mode === "ask" || mode === "act";
  }

  function planOf(intent: IntentRecord, candidate: Candidate): Promise<Plan> {
    const run = runOf(candidate, { intentId: intent.id, signal: deps.signal, log: deps.log });
    return bounded(deps, (signal) => candidate.registered.repair.plan(candidate.params, { ...run, signal }));
  }

  /** The answer to an earlier telling was lost: the very approval that was used for this intent asks for nothing new. */
  function isRetold(raw: unknown, intent: IntentRecord): boolean {
    const parsed = approvalSchema.safeParse(raw);
    if (!parsed.success) return false;
    const given = parsed.data;
    return (
      store.approvals.usedFor(given.nonce) === intent.id &&
      given.intent === intent.id &&
      deps.trust.signers().includes(given.signer) &&
      deps.trust.verify(given.signer, approvalBytes(given), given.signature)
    );
  }

  return { examine, isAllowedHere, isRetold };
}
