/**
 * The watch after a verified repair: if within `verify.watch` the same target fails again, or what depends on it or has the
 * same owner, the repair did not hold. It is failed, counts as a failed attempt, and is taken back where it can be.
 */
import type { Clock, Log } from "cortex";
import type { Config } from "../../config/schema.ts";
import { type IntentRecord, isOver } from "../../domain/intent.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import type { Registry } from "../../host/registry.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { readSwitch, settleAttempt } from "../propose/attempts.ts";
import { candidateOf, runOf } from "../propose/candidates.ts";
import type { Intents } from "../intents.ts";
import type { Undo } from "./undo.ts";

export interface Relapse {
  /** A problem opened: the watched intents that it shows to have failed. Call it in the transaction that opens it. */
  noted(problem: ProblemRecord): IntentRecord[];
  /** Afterwards: take them back. Never throws. */
  takeBack(intents: readonly IntentRecord[]): Promise<void>;
}

export interface RelapseDeps {
  store: AgentStore;
  intents: Intents;
  undo: Undo;
  registry: Registry;
  clock: Clock;
  mark: () => TimeMark;
  config: () => Config;
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

const HOUR_MS = 3_600_000;

export function createRelapse(deps: RelapseDeps): Relapse {
  const { store, intents, clock, registry, log } = deps;

  const watched = (): IntentRecord[] => {
    const now = deps.mark();
    const { policy, verify } = deps.config();
    // No more can be under watch at a time; what was verified before is history, and there may be much of it.
    const limit = policy.max_per_hour * (Math.ceil(verify.watch / HOUR_MS) + 1);
    return store.intents
      .find({ kind: ["repair"], state: ["verified"], limit })
      .filter((intent) => intent.watchUntil !== null && !isOver(intent, intent.watchUntil, now));
  };

  async function takeBackOne(intent: IntentRecord): Promise<void> {
    const candidate = candidateOf(registry, intent);
    if (candidate === null || typeof candidate.registered.repair.undo === "string") return;
    if (!readSwitch(store).repairs || deps.signal.aborted) {
      const summary = "not taken back: repairs are switched off on this node";
      intents.addOutcome(intent.id, { step: "undo", ok: false, summary, at: clock.now() });
      return;
    }
    await deps.undo.run(
      intent,
      candidate,
      runOf(candidate, { intentId: intent.id, signal: deps.signal, log }),
    );
  }

  return {
    noted(problem) {
      // What only tells that a check gave no answer, or is merely observed, says nothing about the repair.
      if (problem.severity === "observe" || problem.type === "check.unknown") return [];
      return watched()
        .filter((intent) => isAbout(intent, problem))
        .map((intent) => {
          const at = clock.now();
          const summary = `came back: ${problem.check} ${problem.target}: ${problem.summary}`;
          intents.addOutcome(intent.id, { step: "watch", ok: false, summary, at });
          settleAttempt(store, intent, "failure", deps.mark());
          return intents.move(intent.id, "failed", { watchUntil: null });
        });
    },
    async takeBack(failed) {
      for (const intent of failed) {
        try {
          await takeBackOne(intent);
        } catch (error) {
          deps.log("core", "relapse").error("A repair could not be taken back.", {
            intent: intent.id,
            reason: String(error),
          });
        }
      }
    },
  };
}

/** Whether a problem says something about what the intent repaired. */
export function isAbout(intent: IntentRecord, problem: ProblemRecord): boolean {
  if (intent.check === problem.check && intent.target === problem.target) return true;
  return (
    intent.owner !== null && (intent.owner === problem.owner || problem.dependsOn.includes(intent.owner))
  );
}
