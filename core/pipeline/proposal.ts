/** The intent that a proposal becomes: one row that binds node, repair, parameters, plan and expiry by its hash. */
import type { Config } from "../config/schema.ts";
import type { IntentRecord } from "../domain/intent.ts";
import { canonicalJson, sha256Hex } from "../domain/ledger.ts";
import type { LevelVerdict } from "../domain/level.ts";
import type { HoldReason, ProblemRecord } from "../domain/problem.ts";
import type { Candidate } from "./candidates.ts";

export interface ProposalFacts {
  id: string;
  node: string;
  now: number;
  attempt: number;
  policy: Config["policy"];
}

export function proposalOf(
  problem: ProblemRecord,
  candidate: Candidate,
  verdict: LevelVerdict,
  facts: ProposalFacts,
): IntentRecord {
  const { repair } = candidate.registered;
  const { now, policy } = facts;
  const waits = verdict.mode !== "act";
  const expiresAt = now + (waits ? policy.proposal_ttl : policy.approval_ttl);
  const { params, plan } = candidate;
  const bound = { node: facts.node, repair: repair.name, version: repair.version, params, plan, expiresAt };
  return {
    id: facts.id,
    kind: "repair",
    state: "proposed",
    level: verdict.level,
    summary: `${repair.name} on ${problem.target}: ${plan.summary}`,
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
    hash: sha256Hex(canonicalJson(bound)),
    attempt: facts.attempt,
    shadow: verdict.mode === "shadow" || verdict.mode === "observe",
    decisions: [{ decider: "policy", verdict: waits ? "human" : "allow", reason: verdict.reason, at: now }],
    evidenceIds: [],
    outcome: [],
    createdAt: now,
    updatedAt: now,
    expiresAt,
    finishedAt: null,
    watchUntil: null,
  };
}

/** Why a proposal waits, in the closed set of holds. */
export function holdOf(verdict: LevelVerdict): HoldReason {
  if (verdict.mode === "shadow") return "shadow";
  return verdict.mode === "observe" ? "autonomy_observe" : "autonomy_ask";
}
