/** Take back a failed repair, where it can be taken back; an explicit "none" leaves it failed. */
import { type ApplyOutcome, type Clock, messageOf, type RepairRun } from "cortex";
import type { Config } from "../config/schema.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { TimeMark } from "../domain/problem.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { Candidate } from "./candidates.ts";
import type { InFlight } from "./in-flight.ts";
import type { Intents } from "./intents.ts";
import type { Problems } from "./problems.ts";
import { bounded, GRACE_MS } from "./steps.ts";

export type Undo = (intent: IntentRecord, candidate: Candidate, run: RepairRun) => Promise<void>;

export interface UndoDeps {
  store: AgentStore;
  intents: Intents;
  problems: Problems;
  inFlight: InFlight;
  clock: Clock;
  mark: () => TimeMark;
  config: () => Config;
}

export function createUndo(deps: UndoDeps): Undo {
  const { store, intents, problems, inFlight, clock } = deps;

  async function takeBack(candidate: Candidate, run: RepairRun): Promise<ApplyOutcome> {
    const { undo, timeoutMs } = candidate.registered.repair;
    if (undo === "none") return { ok: true, summary: "nothing to take back" };
    try {
      return await bounded({ clock, ms: timeoutMs, signal: run.signal, graceMs: GRACE_MS }, (signal) =>
        undo(candidate.params, candidate.plan, { ...run, signal }),
      );
    } catch (error) {
      return { ok: false, summary: messageOf(error) };
    }
  }

  /** What was changed is still changed, and nobody knows how far: no further attempt, a person has to look. */
  function undoFailed(intent: IntentRecord, summary: string): void {
    const now = deps.mark();
    const problem = intent.problemId === null ? null : problems.get(intent.problemId);
    intents.record("intent.undo_failed", { id: intent.id, summary });
    if (problem === null) return;
    store.breakers.put(problem.fingerprint, now.wall + deps.config().breaker.open, now);
    const text = `${intent.repair} could not be taken back (${summary}); a person has to look`;
    problems.update(problem.id, { level: "L3", event: { kind: "undo_failed", text } });
  }

  return async (intent, candidate, run) => {
    if (candidate.registered.repair.undo === "none") return;
    inFlight.enter(intent);
    try {
      // An undo is an act like any other: on disk before it starts.
      intents.record("intent.undoing", { id: intent.id });
      const outcome = await takeBack(candidate, run);
      store.transaction(() => {
        intents.addOutcome(intent.id, { step: "undo", ...outcome, at: clock.now() });
        if (outcome.ok) intents.move(intent.id, "undone", { finishedAt: clock.now() });
        else undoFailed(intent, outcome.summary);
      });
    } finally {
      inFlight.leave(intent.id);
    }
  };
}
