/** The intent that a proposal becomes: one row that binds node, repair, parameters, plan and expiry by its hash. */
import type { Config } from "../../config/schema.ts";
import { hashOf } from "../../domain/decide/bound-hash.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import { canonicalJson } from "../../domain/ledger.ts";
import type { LevelVerdict } from "../../domain/level.ts";
import type { HoldReason, ProblemRecord } from "../../domain/problem.ts";
import type { Candidate } from "./candidates.ts";
import { standingDecider } from "../trust/standing.ts";

export interface ProposalFacts {
  id: string;
  node: string;
  now: number;
  attempt: number;
  policy: Config["policy"];
}

/** What is done, and to what unless the plan says it: "Start process demo", "/var/log: remove 3 files". */
export const headlineOf = (plan: string, target: string): string =>
  plan.includes(target) ? plan.charAt(0).toUpperCase() + plan.slice(1) : `${target}: ${plan}`;

export function proposalOf(
  problem: ProblemRecord,
  candidate: Candidate,
  verdict: LevelVerdict,
  facts: ProposalFacts,
): IntentRecord {
  const { repair, plugin, instance } = candidate.registered;
  const { now, policy } = facts;
  const waits = verdict.mode !== "act";
  const expiresAt = now + (waits ? policy.proposal_ttl : policy.approval_ttl);
  const { params, plan } = candidate;
  return {
    id: facts.id,
    kind: "repair",
    state: "proposed",
    level: verdict.level,
    summary: headlineOf(plan.summary, problem.target),
    text: "",
    category: problem.check,
    actor: "engine",
    problemId: problem.id,
    check: problem.check,
    target: problem.target,
    owner: problem.owner,
    repair: repair.name,
    repairVersion: repair.version,
    class: repair.class,
    params,
    plan,
    hash: boundHash(facts.node, candidate, expiresAt),
    attempt: facts.attempt,
    shadow: isShadow(verdict),
    decisions: [
      { decider: deciderOf(verdict), verdict: waits ? "human" : "allow", reason: verdict.reason, at: now },
    ],
    evidenceIds: [],
    outcome: [],
    createdAt: now,
    updatedAt: now,
    expiresAt,
    finishedAt: null,
    watchUntil: null,
    from: { plugin, instance },
  };
}

export function boundHash(node: string, candidate: Candidate, expiresAt: number | null): string {
  const { name: repair, version } = candidate.registered.repair;
  return hashOf({ node, repair, version, params: candidate.params, plan: candidate.plan, expiresAt });
}

/** Whether the same would be proposed today. The plan is measured anew when it is approved, so it may differ. */
export function isSameProposal(intent: IntentRecord, candidate: Candidate, verdict: LevelVerdict): boolean {
  const { repair } = candidate.registered;
  return (
    intent.repair === repair.name &&
    intent.repairVersion === repair.version &&
    canonicalJson(intent.params) === canonicalJson(candidate.params) &&
    intent.level === verdict.level &&
    intent.shadow === isShadow(verdict)
  );
}

const deciderOf = ({ standing }: LevelVerdict) =>
  standing === undefined ? "policy" : standingDecider(standing);

const isShadow = ({ mode }: LevelVerdict) => mode === "shadow" || mode === "observe";

/** Why a proposal waits, in the closed set of holds. */
export function holdOf(verdict: LevelVerdict): HoldReason {
  if (verdict.mode === "shadow") return "shadow";
  return verdict.mode === "observe" ? "autonomy_observe" : "autonomy_ask";
}
