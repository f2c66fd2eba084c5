/** What the record and the history of a problem say of a verdict: who gave it, as they are called, and why, once. */
import { oneLine } from "cortex";
import type { Approval } from "../../domain/decide/approval.ts";
import { REASONS } from "../../domain/decide/reasons.ts";
import type { IntentDecision } from "../../domain/intent.ts";

/** A record is read on a screen. */
const MAX_WORDS = 1500;

/** "anna and ben: a person approved it: REASON (session)" */
export const yesText = (given: readonly IntentDecision[]): string =>
  `${given.map(({ decider }) => called(decider)).join(" and ")}: ${given.at(-1)?.reason ?? ""}`;

export const rejectionText = (actor: string, reason: string): string =>
  `${called(actor)} rejected the repair: ${wordsOf("rejected", reason) || "no reason given"}; a person has to look`;

/** Everybody's yes of one approval, as the record keeps it. */
export function decisionsOf(approval: Approval, reason: string): IntentDecision[] {
  const words = oneLine(wordsOf(approval.reason, reason), MAX_WORDS);
  const text = `${REASONS[approval.reason].text}${words === "" ? "" : `: ${words}`}`;
  return approval.approvals.map(({ kind, principal, name, method, at }) => ({
    decider: kind === "human" ? (name ?? principal) : `${kind}:${principal}`,
    verdict: "allow",
    reason: `${text} (${method})`,
    at,
  }));
}

/** The Monitor tells a whole sentence, "a person approved it: REASON"; what was written by them is what follows. */
function wordsOf(code: keyof typeof REASONS, reason: string): string {
  const { text } = REASONS[code];
  if (reason === text) return "";
  return reason.startsWith(`${text}: `) ? reason.slice(text.length + 2) : reason;
}

/** As people are called: `user:anna` is anna, `local` is whoever was on the host. */
export const called = (actor: string): string =>
  actor === "local" ? "somebody on the host" : actor.replace(/^(user|key):/, "");
