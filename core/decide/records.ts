/** What is written of a decision: its row when it is asked, its approval when the answer is yes, and what its voices tell. */
import { defineErrors } from "cortex";
import { type Approval, approvalBytes, type Approver, MAX_APPROVAL_MS } from "../domain/decide/approval.ts";
import type { BlastRadius } from "../domain/decide/blast-radius.ts";
import { type Decision, peopleNeeded, riskOf, type Voice } from "../domain/decide/decision.ts";
import { isPassing, type ReasonCode, REASONS, type Ruling } from "../domain/decide/reasons.ts";
import type { IntentBody } from "../wire/intent.ts";

export const decisionErrors = defineErrors("decision", {
  unknown: "not_found",
  already: "conflict",
  not_now: "conflict",
});

export function newDecision(
  node: string,
  intent: IntentBody,
  {
    id,
    now,
    radius,
    tags,
    twoPeople,
  }: { id: string; now: number; radius: BlastRadius; tags: readonly string[]; twoPeople: boolean },
): Decision {
  const repairClass = intent.class ?? "R4";
  return {
    id,
    intentId: intent.id,
    node,
    state: "pending",
    repair: intent.repair ?? "",
    problemId: intent.problemId,
    class: repairClass,
    risk: riskOf(repairClass, radius, tags),
    radius,
    voices: [],
    approvers: [],
    peopleNeeded: twoPeople ? peopleNeeded(repairClass, radius, 1) : 1,
    judging: false,
    approval: null,
    delivery: null,
    createdAt: now,
    expiresAt: intent.expiresAt === null ? now : Date.parse(intent.expiresAt),
    decidedAt: null,
  };
}

export interface DecisionSigner {
  /** base64url of the raw public key. */
  name: string;
  /** Base64 signature. */
  sign(message: string): string;
}

export function signedApproval(
  signer: DecisionSigner,
  { id, intentId, node, class: repairClass }: Decision,
  terms: {
    hash: string;
    approvers: Approver[];
    reason: ReasonCode;
    /** Epoch ms. */
    now: number;
    ttlMs: number;
    nonce: string;
  },
): Approval {
  const unsigned: Approval = {
    v: 1,
    type: "cortex.decision",
    id,
    intent: intentId,
    node,
    hash: terms.hash,
    class: repairClass,
    approvals: terms.approvers,
    reason: terms.reason,
    notBefore: terms.now,
    expiresAt: terms.now + Math.min(terms.ttlMs, MAX_APPROVAL_MS),
    nonce: terms.nonce,
    maxRuns: 1,
    signer: signer.name,
    signature: "",
  };
  return { ...unsigned, signature: signer.sign(approvalBytes(unsigned)) };
}

/** The rule that allowed it; null for what people or judges approved. */
export const ruleOf = ({ approvers: [first] }: Decision): string | null =>
  first?.kind === "policy" ? first.principal.replace(/^rule:/, "") : null;

export const isWaitingForTheGate = ({ voices }: Decision): boolean => {
  const last = voices.at(-1);
  return last?.by === "gate" && isPassing(last.reason);
};

/** Nothing new: one voice that says what the last one said. */
export const isEcho = ([only, ...more]: Voice[], last: Voice | undefined): boolean =>
  more.length === 0 &&
  only?.by === last?.by &&
  only?.reason === last?.reason &&
  only?.detail === last?.detail;

export const notNow = ({ reason, detail }: Ruling) =>
  decisionErrors.not_now(
    `not now: ${REASONS[reason].text}${detail === "" ? "" : ` (${detail})`}; it goes on waiting, try again later`,
    { details: { reason } },
  );

export function alreadyDecided(decision: Decision) {
  const last = decision.voices.at(-1);
  return decisionErrors.already(`it was ${decision.state} by ${last?.by ?? "somebody else"} a moment ago`, {
    details: { state: decision.state, by: last?.by ?? null, at: decision.decidedAt },
  });
}

/** How long it cools in all: from its last approval on. */
export const coolingMs = ({ coolingUntil, approvers }: Decision & { coolingUntil: number }): number =>
  Math.max(0, coolingUntil - (approvers.at(-1)?.at ?? coolingUntil));

/** What is left of its life, by the wall clock; never more than it had at first. */
export const lifeLeft = ({ createdAt, expiresAt }: Decision, now: number): number =>
  Math.max(0, Math.min(expiresAt - now, expiresAt - createdAt));

/** When it runs unless it is stopped; what would be over by then is not begun. */
export function coolingEnd({ expiresAt }: Decision, now: number, coolingMs: number): number {
  if (now + coolingMs < expiresAt) return now + coolingMs;
  throw decisionErrors.not_now(
    "its time is over before it has waited as long as what can't be undone has to; let it be proposed again",
  );
}
