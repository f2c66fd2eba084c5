/** An act of which nobody can tell what became: it is never repeated, its owner is left alone, and a person is told. */
import type { Clock } from "cortex";
import type { IntentRecord } from "../../domain/intent.ts";
import type { TimeMark } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { settleAttempt } from "../propose/attempts.ts";
import type { Intents } from "../intents.ts";
import type { Problems } from "../watch/problems.ts";

/** `step`: where it was lost (`apply`, `reconcile`). */
export type Unknown = (intent: IntentRecord, step: string, why: string) => void;

export function createUnknown(deps: {
  store: AgentStore;
  intents: Intents;
  problems: Problems;
  clock: Clock;
  mark: () => TimeMark;
}): Unknown {
  const { store, intents, problems, clock } = deps;
  return (intent, step, why) => {
    const at = clock.now();
    store.transaction(() => {
      intents.addOutcome(intent.id, { step, ok: false, summary: `${why}. A person has to look`, at });
      intents.move(intent.id, "unknown", {}, step === "reconcile" ? "reconcile" : "engine");
      settleAttempt(store, intent, "interrupted", deps.mark());
      if (intent.problemId === null) return;
      const text = `what became of ${intent.summary} can't be told; a person has to look`;
      problems.update(intent.problemId, { level: "L3", event: { kind: "unknown", text } });
    });
  };
}
