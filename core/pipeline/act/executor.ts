/**
 * Act: an approved intent becomes a change, at most once. Evidence and the config test come first, preconditions are
 * measured again, and "executing" is on disk before anything happens. What comes of it is verified, or undone.
 */
import { type ApplyOutcome, type Clock, type Log, messageOf, type RepairRun } from "cortex";
import type { Approval } from "../../domain/decide/approval.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { HoldReason, ProblemRecord, TimeMark } from "../../domain/problem.ts";
import { failpoint } from "../../ports/failpoint.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { settleAttempt } from "../propose/attempts.ts";
import type { Candidate } from "../propose/candidates.ts";
import type { Evidence } from "./evidence.ts";
import type { InFlight } from "../propose/in-flight.ts";
import type { Intents } from "../intents.ts";
import { type Laws, textOf } from "../propose/laws.ts";
import { preflight } from "../propose/preflight.ts";
import { REFUSED_STEP, type RootHelper, workOf } from "./root-helper.ts";
import { bounded, GRACE_MS, isEndless } from "./steps.ts";
import type { Undo } from "./undo.ts";
import type { Unknown } from "./unknown.ts";
import type { Verifier } from "./verifier.ts";

export interface ActOutcome {
  verified: boolean;
  /** Set when nothing was done and nothing should be tried until a person or the world changes something. */
  hold: { reason: HoldReason; text: string } | null;
}

/** What the executor asks of its caller, at the moments that matter. */
export interface ActHooks {
  /** The last look before the act, in the turn in which it begins: is everything still as it was approved? */
  mayBegin(lockHolder: string | null): boolean;
  /** The attempt counts from now on. */
  begun(): void;
  /** The signed word by which it acts; absent where policy alone allows it. */
  approval?: Approval;
}

export interface Executor {
  /**
   * Take an intent through to its end: a freshly proposed one that policy allows, or one that a decision has approved.
   * It never throws: what is on disk says how far it came.
   */
  run(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    hooks: ActHooks,
  ): Promise<ActOutcome>;
}

export interface ExecutorDeps {
  store: AgentStore;
  intents: Intents;
  evidence: Evidence;
  verifier: Verifier;
  inFlight: InFlight;
  undo: Undo;
  unknown: Unknown;
  laws: Laws;
  clock: Clock;
  mark: () => TimeMark;
  bootId: string;
  rootHelper?: RootHelper | undefined;
  lockHolder: () => Promise<string | null>;
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

const NOT_DONE: ActOutcome = { verified: false, hold: null };

export function createExecutor(deps: ExecutorDeps): Executor {
  const { store, intents, clock, inFlight, signal } = deps;
  /** Intents whose root work was asked for and not answered. */
  const lost = new Set<string>();
  /** Intents whose root work was refused, and in what words. */
  const refused = new Map<string, string>();

  async function run(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    hooks: ActHooks,
  ): Promise<ActOutcome> {
    const { plugin, instance } = candidate.registered;
    const repairRun: RepairRun = {
      signal,
      log: deps.log(plugin, instance),
      intentId: intent.id,
      helper: () => byHelper(intent.id, hooks.approval ?? null),
    };
    inFlight.enter(intent);
    try {
      if (intent.state === "proposed") intents.move(intent.id, "approved", {}, "policy");
      const early = forbidden(intent, candidate);
      if (early !== null) return early;
      const unmet = await prepare(intent, candidate, problem, repairRun);
      if (unmet !== null) return unmet;
      const lockHolder = await deps.lockHolder();
      // From here to the end of `begin` nothing else can happen.
      if (signal.aborted || !hooks.mayBegin(lockHolder)) {
        intents.move(intent.id, "superseded", { finishedAt: clock.now() });
        return NOT_DONE;
      }
      // What is protected may have become more while it was prepared.
      const late = forbidden(intent, candidate);
      if (late !== null) return late;
      begin(intent, problem);
      hooks.begun();
      return await act(intent, candidate, problem, repairRun);
    } catch (error) {
      deps.log("core", "executor").error("An act was cut short; it is looked at as after a crash.", {
        intent: intent.id,
        reason: messageOf(error),
      });
      return NOT_DONE;
    } finally {
      lost.delete(intent.id);
      refused.delete(intent.id);
      inFlight.leave(intent.id);
    }
  }

  /** What is bound is the stored row, not what a repair makes of it. */
  async function byHelper(id: string, approval: Approval | null): Promise<ApplyOutcome> {
    const stored = store.intents.get(id);
    const work = stored && workOf(stored);
    if (deps.rootHelper === undefined || work === null)
      return { ok: false, summary: "there is no privileged helper for this" };
    const { isLost, isRefused, ...outcome } = await deps.rootHelper.act(work, approval);
    if (isLost === true) lost.add(id);
    if (isRefused === true) refused.set(id, outcome.summary);
    return outcome;
  }

  /** Everything that must hold before; null when it does. */
  async function prepare(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<ActOutcome | null> {
    const { repair } = candidate.registered;
    const evidence = await deps.evidence.freeze(problem, intent.id, () =>
      repair.evidence?.(candidate.params, run),
    );
    if (evidence === null)
      return giveUp(intent, "evidence", "evidence_failed", "evidence could not be stored");
    intents.patch(intent.id, { evidenceIds: [evidence] });
    const { test, unmet } = await preflight(candidate, run, clock);
    if (test !== null) intents.addOutcome(intent.id, { step: "config_test", ...test, at: clock.now() });
    if (unmet === null || signal.aborted) return null;
    const step = unmet.reason === "config_test_failed" ? null : "precondition";
    return giveUp(intent, step, unmet.reason, unmet.text);
  }

  /** No level, approval or standing stands above the invariants; what they forbid ends here, for people. */
  function forbidden(intent: IntentRecord, { plan }: Candidate): ActOutcome | null {
    const crossed = deps.laws.crossed(intent.target ?? "", plan);
    if (crossed === null) return null;
    intents.record("invariant.crossed", { id: intent.id, step: "act", ...crossed });
    return giveUp(intent, "invariant", "invariant", textOf(crossed));
  }

  /** Ends an intent before anything was changed; the attempt does not count. */
  function giveUp(intent: IntentRecord, step: string | null, reason: HoldReason, text: string): ActOutcome {
    store.transaction(() => {
      if (step !== null) intents.addOutcome(intent.id, { step, ok: false, summary: text, at: clock.now() });
      intents.move(intent.id, "failed", { finishedAt: clock.now() });
    });
    return { verified: false, hold: { reason, text } };
  }

  /** Intent first: the row, its ledger entry and the attempt are durable before the act. */
  function begin(intent: IntentRecord, problem: ProblemRecord): void {
    store.transaction(() => {
      store.attempts.put({
        intentId: intent.id,
        problemFingerprint: problem.fingerprint,
        check: problem.check,
        target: problem.target,
        repair: intent.repair ?? "",
        startedAt: clock.now(),
        bootId: deps.bootId,
        monoMs: clock.monotonic(),
        outcome: "running",
        endedAt: null,
      });
      intents.move(intent.id, "executing", {});
    });
  }

  async function act(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<ActOutcome> {
    await failpoint("executing");
    const applied = await apply(candidate, run);
    await failpoint("applied");
    if (applied === "endless") {
      deps.unknown(intent, "apply", "it was aborted and did not end; what it does can't be told");
      return NOT_DONE;
    }
    if (lost.has(intent.id) && !applied.ok && !signal.aborted) {
      deps.unknown(intent, "apply", `${applied.summary}; whether it was done can't be told`);
      return NOT_DONE;
    }
    if (!applied.ok && refused.get(intent.id) === applied.summary && !signal.aborted) {
      intents.addOutcome(intent.id, { step: REFUSED_STEP, ...applied, at: clock.now() });
      settle(intent);
      return NOT_DONE;
    }
    intents.addOutcome(intent.id, { step: "apply", ...applied, at: clock.now() });
    if (!applied.ok) {
      // Cut off by the end of the program: whether it had an effect is looked at when Cortex starts again.
      if (!signal.aborted) await fail(intent, candidate, run);
      return NOT_DONE;
    }
    intents.move(intent.id, "verifying", {});
    await failpoint("verifying");
    const verdict = await deps.verifier.verify(intent, candidate, problem, run);
    if (verdict === "failed") await fail(intent, candidate, run);
    return { verified: verdict === "verified", hold: null };
  }

  async function apply(candidate: Candidate, run: RepairRun): Promise<ApplyOutcome | "endless"> {
    const { repair } = candidate.registered;
    try {
      return await bounded({ clock, ms: repair.timeoutMs, signal, graceMs: GRACE_MS }, (step) =>
        repair.apply(candidate.params, candidate.plan, { ...run, signal: step }),
      );
    } catch (error) {
      if (isEndless(error) && !signal.aborted) return "endless";
      return { ok: false, summary: messageOf(error) };
    }
  }

  function settle(intent: IntentRecord): void {
    store.transaction(() => {
      settleAttempt(store, intent, "failure", deps.mark());
      intents.move(intent.id, "failed", { finishedAt: clock.now() });
    });
  }

  /** It did not hold: count the attempt, and undo where one exists. */
  async function fail(intent: IntentRecord, candidate: Candidate, run: RepairRun): Promise<void> {
    settle(intent);
    await deps.undo.run(intent, candidate, run);
  }

  return { run };
}
