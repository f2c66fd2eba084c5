/** Take back a failed repair, where it can be taken back; an explicit "nothing" or "none" leaves it failed. */
import { type ApplyOutcome, type Clock, messageOf, type RepairRun } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { TimeMark } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import type { Candidate } from "../propose/candidates.ts";
import type { InFlight } from "../propose/in-flight.ts";
import type { Intents } from "../intents.ts";
import { type Laws, textOf } from "../propose/laws.ts";
import type { Problems } from "../watch/problems.ts";
import { bounded, GRACE_MS } from "./steps.ts";

export interface Undo {
  run(intent: IntentRecord, candidate: Candidate, run: RepairRun): Promise<void>;
  /** The program ended while it ran: nobody knows how far it came, and it is not tried twice. */
  lost(intent: IntentRecord): void;
}

/** Step of the outcome line that says that it has begun. */
export const UNDOING = "undoing";

export interface UndoDeps {
  store: AgentStore;
  intents: Intents;
  problems: Problems;
  inFlight: InFlight;
  clock: Clock;
  mark: () => TimeMark;
  config: () => Config;
  laws: Laws;
}

export function createUndo(deps: UndoDeps): Undo {
  const { store, intents, problems, inFlight, clock } = deps;

  async function takeBack(candidate: Candidate, run: RepairRun): Promise<ApplyOutcome> {
    const { undo, timeoutMs } = candidate.registered.repair;
    if (typeof undo === "string") return { ok: true, summary: "nothing to take back" };
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

  function conclude(intent: IntentRecord, outcome: ApplyOutcome): void {
    store.transaction(() => {
      intents.addOutcome(intent.id, { step: "undo", ...outcome, at: clock.now() });
      if (outcome.ok) intents.move(intent.id, "undone", { finishedAt: clock.now() });
      else undoFailed(intent, outcome.summary);
    });
  }

  return {
    async run(intent, candidate, run) {
      if (typeof candidate.registered.repair.undo === "string") return;
      const crossed = deps.laws.crossedByUndo(intent.target ?? "", candidate.plan);
      if (crossed !== null) {
        intents.record("invariant.crossed", { id: intent.id, step: "undo", ...crossed });
        return conclude(intent, { ok: false, summary: textOf(crossed) });
      }
      inFlight.enter(intent);
      try {
        // An undo is an act like any other: on disk before it starts.
        store.transaction(() => {
          const line = { step: UNDOING, ok: true, summary: "taking it back", at: clock.now() };
          intents.addOutcome(intent.id, line);
          intents.record("intent.undoing", { id: intent.id });
        });
        const outcome = await takeBack(candidate, run);
        // Cut off by the end of the program: the next start finds it begun and not ended.
        if (outcome.ok || !run.signal.aborted) conclude(intent, outcome);
      } finally {
        inFlight.leave(intent.id);
      }
    },
    lost: (intent) => conclude(intent, { ok: false, summary: "the program ended while it was taken back" }),
  };
}
