/**
 * After a crash: every intent that was under way is looked at before anything else may act. An executing one is never run
 * again; the failing check and the repair's own probe say what became of it, and if they can't, a person is told. The same
 * is done while the program runs, for what a failing disk left half written.
 */
import { type Clock, type Log, messageOf, type ProbeOutcome, type RepairRun } from "cortex";
import type { IntentRecord, IntentState } from "../../domain/intent.ts";
import type { TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import type { Registry } from "../../host/registry.ts";
import type { AgentStore, AttemptRow } from "../../store/agent/agent-store.ts";
import { endOf, settleAttempt } from "../propose/attempts.ts";
import { type Candidate, candidateOf, runOf } from "../propose/candidates.ts";
import type { InFlight } from "../propose/in-flight.ts";
import type { Intents } from "../intents.ts";
import type { Problems } from "../watch/problems.ts";
import { isAbout, type Relapse } from "./relapse.ts";
import { bounded } from "./steps.ts";
import { type Undo, UNDOING } from "./undo.ts";
import type { Unknown } from "./unknown.ts";
import type { Verifier, VerifierDeps } from "./verifier.ts";

export interface ReconcileDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  verifier: Verifier;
  inFlight: InFlight;
  undo: Undo;
  unknown: Unknown;
  relapse: Pick<Relapse, "takeBack">;
  mark: () => TimeMark;
  registry: Registry;
  clock: Clock;
  lookNow: VerifierDeps["lookNow"];
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

export interface Reconciler {
  /** Settle all that nobody works on; verifications go on beside the program. It never throws. */
  settleAll(): Promise<void>;
  /** Once, at the start: begin to take back what a kill kept from being taken back. It never throws. */
  finishUndos(): Promise<void>;
  /** Resolves when the verifications it began have ended. */
  stop(): Promise<void>;
}

const OPEN_STATES: IntentState[] = ["proposed", "approved", "executing", "verifying", "unknown"];

/** Last words of an intent whose repair was not taken back yet. */
const BEFORE_UNDO = ["apply", "verify", "watch", UNDOING];
const UNDO_WITHIN_MS = 3_600_000;
const RECENT = 50;

/** What an attempt came to, by the state its intent ended in. */
const OUTCOMES: Partial<Record<IntentState, AttemptRow["outcome"]>> = {
  verified: "success",
  failed: "failure",
  undone: "failure",
};

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const { store, problems, intents, inFlight, clock } = deps;
  const verifications = new Set<Promise<void>>();
  let settling: Promise<void> | null = null;
  const log = deps.log("core", "reconcile");

  const problemOf = (intent: IntentRecord) =>
    intent.problemId === null ? null : problems.get(intent.problemId);

  async function settleNow(): Promise<void> {
    const left = store.intents.find({ kind: ["repair"], state: OPEN_STATES, limit: 1000 });
    for (const { id } of left.toReversed()) {
      // Settling takes time: others may have gone on meanwhile.
      const intent = store.intents.get(id);
      if (intent === null || inFlight.has(id) || deps.signal.aborted) continue;
      try {
        await settle(intent);
      } catch (error) {
        // It keeps its state, and with it its owner: nothing acts on what could not be settled.
        log.error("An intent could not be settled; it is tried again.", {
          intent: intent.id,
          reason: messageOf(error),
        });
      }
    }
    settleAttempts();
  }

  async function settle(intent: IntentRecord): Promise<void> {
    const isOpen = problemOf(intent)?.state === "open";
    switch (intent.state) {
      case "proposed":
        if (!isOpen) end(intent, "superseded", "its problem ended");
        else if (intent.level === "L1" && !intent.shadow)
          end(intent, "superseded", "the program ended before it began");
        return;
      case "approved":
        return end(intent, "superseded", "the program ended before it began");
      case "unknown":
        // Its owner was left alone until the target was well again; that is all that will ever be known.
        if (!isOpen) end(intent, "failed", "its problem ended before anybody could tell what became of it");
        return;
      case "executing":
        return examine(intent);
      case "verifying":
        return resume(intent);
      default:
        return;
    }
  }

  function end(intent: IntentRecord, state: IntentState, summary: string): void {
    const at = clock.now();
    store.transaction(() => {
      intents.addOutcome(intent.id, { step: "reconcile", ok: false, summary, at });
      intents.move(intent.id, state, { finishedAt: at }, "reconcile");
      settleAttempt(store, intent, "interrupted", deps.mark());
    });
  }

  /** What an interrupted apply left behind: its effect, nothing, or something nobody can tell. */
  async function examine(intent: IntentRecord): Promise<void> {
    const problem = problemOf(intent);
    const seen = problem === null ? null : await deps.lookNow(problem);
    const found: ProbeOutcome = seen?.status === "ok" ? "done" : await probe(intent);
    if (deps.signal.aborted) return;
    const what = "the program ended during the act";
    if (found === "unknown")
      return deps.unknown(intent, "reconcile", `${what}; what became of it can't be told`);
    if (found === "not_done") return end(intent, "failed", `${what}; it had no effect`);
    const at = clock.now();
    const moved = store.transaction(() => {
      const summary = `${what}; its effect is there`;
      intents.addOutcome(intent.id, { step: "reconcile", ok: true, summary, at });
      return intents.move(intent.id, "verifying", {}, "reconcile");
    });
    resume(moved);
  }

  async function probe(intent: IntentRecord): Promise<ProbeOutcome> {
    const candidate = candidateOf(deps.registry, intent);
    if (candidate === null) return "unknown";
    const { repair } = candidate.registered;
    try {
      const asked = await bounded(deps, (signal) =>
        repair.probe?.(candidate.params, { ...runFor(intent, candidate), signal }),
      );
      return asked ?? "unknown";
    } catch (error) {
      log.warn("A probe failed.", { intent: intent.id, reason: messageOf(error) });
      return "unknown";
    }
  }

  const runFor = (intent: IntentRecord, candidate: Candidate): RepairRun =>
    runOf(candidate, { intentId: intent.id, signal: deps.signal, log: deps.log });

  /** Go on verifying, beside everything else. */
  function resume(intent: IntentRecord): void {
    inFlight.enter(intent);
    const work = verifyOn(intent)
      .catch((error: unknown) => {
        log.error("A verification was cut short; it is taken up again.", {
          intent: intent.id,
          reason: messageOf(error),
        });
      })
      .finally(() => inFlight.leave(intent.id));
    track(work);
  }

  async function verifyOn(intent: IntentRecord): Promise<void> {
    const problem = problemOf(intent);
    if (problem === null) return end(intent, "failed", "its problem is no longer known");
    const candidate = candidateOf(deps.registry, intent);
    const run: RepairRun =
      candidate === null ? { signal: deps.signal, log, intentId: intent.id } : runFor(intent, candidate);
    if ((await deps.verifier.verify(intent, candidate, problem, run)) !== "failed") return;
    store.transaction(() => {
      settleAttempt(store, intent, "failure", deps.mark());
      intents.move(intent.id, "failed", { finishedAt: clock.now() }, "reconcile");
    });
    if (candidate !== null) await deps.undo.run(intent, candidate, run);
  }

  /** Failed lately after its act, and then nothing more: the kill came before the undo, or in its middle. */
  async function finishUndosNow(): Promise<void> {
    const now = deps.mark();
    for (const intent of store.intents.find({ kind: ["repair"], state: ["failed"], limit: RECENT })) {
      const last = intent.outcome.at(-1)?.step ?? "";
      const isRecent = intent.stepAt !== undefined && elapsed(intent.stepAt, now) < UNDO_WITHIN_MS;
      if (!isRecent || !BEFORE_UNDO.includes(last) || inFlight.has(intent.id)) continue;
      if (last === UNDOING) deps.undo.lost(intent);
      else if (await isStillBad(intent)) track(deps.relapse.takeBack([intent]));
    }
  }

  /** Whoever made the target well meanwhile did not do it for us to take it away. */
  async function isStillBad(intent: IntentRecord): Promise<boolean> {
    for (const problem of problems.open().filter((one) => isAbout(intent, one))) {
      const seen = await deps.lookNow(problem);
      if (seen?.status === "critical" || seen?.status === "warning") return !deps.signal.aborted;
    }
    return false;
  }

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => verifications.delete(tracked));
    verifications.add(tracked);
  }

  /** An attempt runs only as long as its intent does. */
  function settleAttempts(): void {
    for (const attempt of store.attempts.running()) {
      const state = store.intents.get(attempt.intentId)?.state;
      if (state === "executing" || state === "verifying") continue;
      store.attempts.put({
        ...attempt,
        outcome: OUTCOMES[state ?? "unknown"] ?? "interrupted",
        endedAt: endOf(attempt, deps.mark()),
      });
    }
  }

  return {
    settleAll() {
      settling ??= settleNow()
        .catch((error: unknown) =>
          log.error("What was under way could not be read.", { reason: messageOf(error) }),
        )
        .finally(() => {
          settling = null;
        });
      return settling;
    },
    async finishUndos() {
      try {
        await finishUndosNow();
      } catch (error) {
        log.error("What failed lately could not be looked at.", { reason: messageOf(error) });
      }
    },
    async stop() {
      await settling;
      await Promise.allSettled([...verifications]);
    },
  };
}
