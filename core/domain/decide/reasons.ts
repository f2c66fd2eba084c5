/** Why a decision came out as it did: a closed set, so that policies, tests and statistics can rely on it. */

/** Who gave the verdict: policy = the gate and its rules, exec = the agent, llm = a judge model, human = a person. */
export type Layer = "policy" | "exec" | "llm" | "human";
export type Verdict = "allow" | "human" | "deny";

interface ReasonFacts {
  layer: Layer;
  verdict: Verdict;
  /** One sentence for people. */
  text: string;
}

export const REASONS = {
  // The gate: what no rule, model or click may cross.
  invalid_intent: { layer: "policy", verdict: "deny", text: "the intent does not fit its schema" },
  invalid_parameter: { layer: "policy", verdict: "deny", text: "a parameter does not fit its grammar" },
  dangerous_argument: {
    layer: "policy",
    verdict: "deny",
    text: "an argument makes a reading program write or run something",
  },
  proposer_out_of_scope: {
    layer: "policy",
    verdict: "deny",
    text: "whoever proposes this may not do so for this node",
  },
  scope_denied_at_call: {
    layer: "policy",
    verdict: "deny",
    text: "the credential's scope does not include this call",
  },
  out_of_subtree: { layer: "policy", verdict: "deny", text: "a Monitor can propose only for nodes below it" },
  uncorroborated: {
    layer: "policy",
    verdict: "deny",
    text: "only one source says so, and others that could see it do not",
  },
  unknown_action: {
    layer: "policy",
    verdict: "deny",
    text: "no repair of this name and version is registered on the node",
  },
  not_a_remedy: {
    layer: "policy",
    verdict: "deny",
    text: "this repair does not remedy this type of problem",
  },
  smaller_action_exists: {
    layer: "policy",
    verdict: "deny",
    text: "a smaller repair for this problem is registered",
  },
  invariant_min_retention: {
    layer: "policy",
    verdict: "deny",
    text: "too few generations of backups or snapshots would be left",
  },
  invariant_data: { layer: "policy", verdict: "deny", text: "data directories and backups are not deleted" },
  invariant_quorum: { layer: "policy", verdict: "deny", text: "the group would lose its quorum" },
  peers_down: { layer: "policy", verdict: "deny", text: "others of the group are down or in trouble" },
  invariant_last_admin: { layer: "policy", verdict: "deny", text: "the last administrator is not touched" },
  invariant_self: {
    layer: "policy",
    verdict: "deny",
    text: "Cortex, its ledger and its keys are not touched",
  },
  invariant_public_exposure: { layer: "policy", verdict: "deny", text: "a port would be open to the world" },
  protected_unit: { layer: "policy", verdict: "deny", text: "a protected unit is not stopped" },
  protected_config: {
    layer: "policy",
    verdict: "deny",
    text: "a protected configuration file is not written",
  },
  empty_selector: {
    layer: "policy",
    verdict: "deny",
    text: "no target is named; an empty selector means none",
  },
  target_unknown: {
    layer: "policy",
    verdict: "deny",
    text: "a target is not in the inventory, byte for byte",
  },
  scope_broader_than_problem: {
    layer: "policy",
    verdict: "deny",
    text: "the act reaches further than the problem",
  },
  no_evidence: { layer: "policy", verdict: "deny", text: "no evidence covers the target" },
  blast_radius_exceeded: {
    layer: "policy",
    verdict: "deny",
    text: "more of the group would be touched than is allowed",
  },
  common_cause: {
    layer: "policy",
    verdict: "human",
    text: "the same check fails on much of the group: one cause, not many",
  },
  attempt_budget_exhausted: {
    layer: "policy",
    verdict: "human",
    text: "all attempts of this window are used",
  },
  cooldown: { layer: "policy", verdict: "human", text: "it was repaired a moment ago and failed again" },
  frozen: { layer: "policy", verdict: "deny", text: "a freeze or a maintenance window is in force" },
  repairs_off: { layer: "policy", verdict: "deny", text: "repairs are switched off" },
  lease_taken: { layer: "policy", verdict: "deny", text: "another repair of the group has the lease" },
  precondition_failed: { layer: "policy", verdict: "deny", text: "a precondition does not hold" },
  effects_unknown: {
    layer: "policy",
    verdict: "human",
    text: "the repair does not say what it does to the world",
  },
  irreversible: { layer: "policy", verdict: "human", text: "it can't be undone" },
  class_needs_human: { layer: "policy", verdict: "human", text: "acts of this class are decided by people" },
  conflicting_evidence: {
    layer: "policy",
    verdict: "human",
    text: "what was measured and what is claimed contradict each other",
  },
  // Rules.
  rule_allows: { layer: "policy", verdict: "allow", text: "a rule allows it" },
  rule_asks: { layer: "policy", verdict: "human", text: "a rule asks for a person" },
  rule_denies: { layer: "policy", verdict: "deny", text: "a rule forbids it" },
  no_rule: { layer: "policy", verdict: "human", text: "no rule allows it" },
  shadow: {
    layer: "policy",
    verdict: "human",
    text: "the repair is in shadow mode and only says what it would do",
  },
  // The agent, right before it acts.
  hash_mismatch: { layer: "exec", verdict: "deny", text: "the intent is not the one that was approved" },
  wrong_node: { layer: "exec", verdict: "deny", text: "the approval is for another node" },
  unknown_signer: {
    layer: "exec",
    verdict: "deny",
    text: "the approval is signed by a key this node does not trust",
  },
  bad_signature: { layer: "exec", verdict: "deny", text: "the approval's signature does not hold" },
  malformed_approval: { layer: "exec", verdict: "deny", text: "the approval does not fit its schema" },
  not_yet_valid: { layer: "exec", verdict: "deny", text: "the approval is not valid yet" },
  approval_expired: { layer: "exec", verdict: "deny", text: "the approval has expired" },
  replayed: { layer: "exec", verdict: "deny", text: "the approval was used before" },
  already_decided: {
    layer: "exec",
    verdict: "deny",
    text: "the intent is not waiting for a decision any more",
  },
  approver_insufficient: {
    layer: "exec",
    verdict: "deny",
    text: "this node wants another kind of approver for this class",
  },
  local_policy: { layer: "exec", verdict: "deny", text: "this node's own policy forbids it" },
  plan_changed: {
    layer: "exec",
    verdict: "deny",
    text: "the plan measured now is not the one that was approved",
  },
  precondition_changed: { layer: "exec", verdict: "deny", text: "a precondition does not hold any more" },
  realpath_outside_root: { layer: "exec", verdict: "deny", text: "the real path leaves the allowed root" },
  // The judge model.
  ok: { layer: "llm", verdict: "allow", text: "the judge finds it safe" },
  judge_doubts: { layer: "llm", verdict: "human", text: "the judge wants a person to look" },
  judge_denies: { layer: "llm", verdict: "deny", text: "the judge finds it harmful" },
  evidence_missing: { layer: "llm", verdict: "human", text: "the judge misses evidence" },
  twin_differs: { layer: "llm", verdict: "deny", text: "untrusted text made the judge more generous" },
  judge_refused: { layer: "llm", verdict: "human", text: "the judge refused to answer" },
  judge_truncated: { layer: "llm", verdict: "human", text: "the judge's answer was cut off" },
  judge_nonsense: { layer: "llm", verdict: "human", text: "the judge's answer makes no sense" },
  judge_timeout: { layer: "llm", verdict: "human", text: "the judge did not answer in time" },
  judge_unavailable: { layer: "llm", verdict: "human", text: "the judge can't be reached" },
  judge_unproven: { layer: "llm", verdict: "human", text: "this model has not passed the evaluation" },
  spend_cap: { layer: "llm", verdict: "human", text: "the budget for judges is used up" },
  // People and time.
  approved: { layer: "human", verdict: "allow", text: "a person approved it" },
  cooled: { layer: "human", verdict: "allow", text: "nobody stopped it in the time to think it over" },
  rejected: { layer: "human", verdict: "deny", text: "a person rejected it" },
  undecided: { layer: "human", verdict: "deny", text: "nobody decided in time" },
} as const satisfies Record<string, ReasonFacts>;

export type ReasonCode = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]];

/** What passes by itself: nobody is told no for it, it is looked at again. */
const PASSING: readonly ReasonCode[] = [
  "lease_taken",
  "peers_down",
  "frozen",
  "repairs_off",
  "precondition_failed",
];
export const isPassing = (reason: ReasonCode): boolean => PASSING.includes(reason);

/** One layer's word on an intent, as it is kept in the ledger. */
export interface Ruling {
  layer: Layer;
  verdict: Verdict;
  reason: ReasonCode;
  /** What it is about here: "unit auditd.service", "6 of 6 nodes of group db". */
  detail: string;
}

export function rule(reason: ReasonCode, detail = ""): Ruling {
  const { layer, verdict } = REASONS[reason];
  return { layer, verdict, reason, detail };
}
