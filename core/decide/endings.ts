/**
 * How a decision ends: once, by compare-and-set, with its entry in the ledger in the same transaction. What approves is signed
 * before it is stored, and stored before it is sent.
 */
import type { Clock } from "cortex";
import type { Approver } from "../domain/decide/approval.ts";
import type { Decision, Voice } from "../domain/decide/decision.ts";
import { type ReasonCode, rule } from "../domain/decide/reasons.ts";
import { failpoint } from "../ports/failpoint.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { DecideConfig } from "./config.ts";
import { alreadyDecided, decisionErrors, type DecisionSigner, signedApproval } from "./records.ts";

export interface EndingsDeps {
  clock: Clock;
  store: MonitorStore;
  signer: DecisionSigner;
  config: () => DecideConfig;
  newNonce: () => string;
}

/** State of an intent that waits for a decision. */
export const WAITING = "proposed";
const DUE: Decision["delivery"] = { state: "due", text: "the node is being told" };

/** All of them inside a transaction. Errors: `decision.already`. */
export function createEndings({ clock, store, signer, config, newNonce }: EndingsDeps) {
  function finish(
    decision: Decision,
    state: "approved" | "rejected" | "expired",
    voices: Voice[],
    change: Partial<Decision> = {},
  ): Decision {
    const now = clock.now();
    const next: Decision = {
      ...decision,
      ...change,
      state,
      judging: false,
      voices: [...decision.voices, ...voices],
      decidedAt: now,
    };
    if (!store.decisions.change(next, "pending"))
      throw alreadyDecided(store.decisions.get(decision.id) ?? decision);
    const last = next.voices.at(-1);
    store.ledger.append(`decision.${state}`, last?.by ?? "policy", {
      id: next.id,
      intent: next.intentId,
      node: next.node,
      hash: next.approval?.hash ?? null,
      voices: next.voices,
      approvers: next.approvers,
    });
    return next;
  }

  function approve(decision: Decision, voices: Voice[], approvers: Approver[]): Decision {
    const intent = waitingIntent(decision);
    const approval = signedApproval(signer, decision, {
      hash: intent.hash ?? "",
      approvers,
      reason: voices.at(-1)?.reason ?? "approved",
      now: clock.now(),
      ttlMs: config().approvalTtlMs,
      nonce: newNonce(),
    });
    void failpoint("decision.approving");
    return finish(decision, "approved", voices, { approvers, approval, delivery: DUE });
  }

  const reject = (decision: Decision, voices: Voice[]): Decision =>
    finish(decision, "rejected", voices, { delivery: DUE });

  /** The intent went on without an answer: superseded, expired on the node, or begun under another policy. */
  function close(decision: Decision, intent: IntentBody): void {
    const reason: ReasonCode = intent.state === "superseded" ? "precondition_changed" : "undecided";
    const ruling = rule(
      reason,
      intent.state === "superseded" ? "what it was about has changed or ended" : "",
    );
    finish(decision, "expired", [{ ...ruling, at: clock.now(), by: `node:${decision.node}` }]);
  }

  /** Nobody answered in time. */
  function expire(decision: Decision): Decision {
    const voice: Voice = { ...rule("undecided"), at: clock.now(), by: "time" };
    return finish(decision, "expired", [voice]);
  }

  function waitingIntent(decision: Decision): IntentBody {
    const intent = store.intents.get(decision.intentId, decision.node)?.body;
    if (intent === undefined || intent.state !== WAITING)
      throw decisionErrors.already(`the repair is not waiting any more: it is ${intent?.state ?? "gone"}`);
    return intent;
  }

  return { approve, reject, close, expire, waitingIntent };
}
