/** A decision as lists, the live topic and the API show it. */
import type { Decision, Voice } from "../domain/decide/decision.ts";
import { REASONS } from "../domain/decide/reasons.ts";
import type { DecisionItem } from "./items.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { toIso, toIsoOrNull } from "../wire/envelope.ts";

export function decisionItemOf(
  decision: Decision,
  store: MonitorStore,
  nameOf: (id: string) => string,
): DecisionItem {
  const { node, problemId, radius, delivery } = decision;
  const intent = store.intents.get(decision.intentId, node)?.body ?? null;
  return {
    id: decision.id,
    node,
    nodeName: nameOf(node),
    state: decision.state,
    intent,
    problem: problemId === null ? null : (store.problems.get(problemId, node)?.body ?? null),
    repair: decision.repair,
    class: decision.class,
    plan: intent?.plan ?? null,
    risk: decision.risk,
    blastRadius: {
      ...radius,
      undo: radius.undo ?? (radius.reversible ? "nothing" : "none"),
      nodes: [...radius.nodes],
      dependents: [...radius.dependents],
    },
    voices: decision.voices.map(voiceItem),
    approvals: decision.approvers.filter(({ kind }) => kind === "human").length,
    peopleNeeded: decision.peopleNeeded,
    judging: decision.judging,
    delivery,
    coolingUntil: toIsoOrNull(decision.coolingUntil ?? null),
    createdAt: toIso(decision.createdAt),
    expiresAt: toIso(decision.expiresAt),
    decidedAt: toIsoOrNull(decision.decidedAt),
  };
}

function voiceItem({
  opinion,
  at,
  by,
  layer,
  verdict,
  reason,
  detail,
}: Voice): DecisionItem["voices"][number] {
  const said = { at: toIso(at), by, layer, verdict, reason, detail, text: REASONS[reason].text };
  if (opinion === undefined) return said;
  const { durationMs, promptHash: _, decider: __, ...shown } = opinion;
  return { ...said, opinion: { ...shown, durationSeconds: durationMs / 1000 } };
}
