/**
 * Act: an approved intent becomes a change, at most once. Evidence and the config test come first, preconditions are
 * measured again, and "executing" is on disk before anything happens. What comes of it is verified, or undone.
 */
import { type ApplyOutcome, type Clock, defineErrors, type Log, messageOf, type RepairRun } from "cortex";
import type { Config } from "../config/schema.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { HoldReason, ProblemRecord } from "../domain/problem.ts";
import { failpoint } from "../ports/failpoint.ts";
import type { AgentStore, AttemptRow } from "../store/agent/agent-store.ts";
import { readSwitch } from "./attempts.ts";
import type { Candidate } from "./candidates.ts";
import type { Evidence } from "./evidence.ts";
import type { Intents } from "./intents.ts";
import type { Verifier } from "./verifier.ts";

const errors = defineErrors("repair", { timeout: "timeout" });
const APPLY_TIMEOUT_MS = 60_000;

export interface ActOutcome {
  verified: boolean;
  /** Set when nothing was done and nothing should be tried until a person or the world changes something. */
  hold: { reason: HoldReason; text: string } | null;
}

export interface Executor {
  /** Take a freshly proposed L1 intent through to its end; `begun` is called once the attempt counts. */
  run(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    begun: () => Promise<void>,
  ): Promise<ActOutcome>;
}

export interface ExecutorDeps {
  store: AgentStore;
  intents: Intents;
  evidence: Evidence;
  verifier: Verifier;
  clock: Clock;
  bootId: string;
  config: () => Config;
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

export function createExecutor(deps: ExecutorDeps): Executor {
  const { store, intents, clock } = deps;

  /** Ends an intent before anything was changed; the attempt does not count. */
  function giveUp(intent: IntentRecord, step: string, reason: HoldReason, text: string): ActOutcome {
    intents.addOutcome(intent.id, { step, ok: false, summary: text, at: clock.now() });
    intents.move(intent.id, "failed", { finishedAt: clock.now() });
    return { verified: false, hold: { reason, text } };
  }

  async function run(
    intent: IntentRecord,
    candidate: Candidate,
    problem: ProblemRecord,
    begun: () => Promise<void>,
  ): Promise<ActOutcome> {
    const { repair } = candidate.registered;
    const repairRun: RepairRun = {
      signal: deps.signal,
      log: deps.log(candidate.registered.plugin, candidate.registered.instance),
      intentId: intent.id,
    };
    const { policy } = deps.config();
    intents.move(intent.id, "approved", { expiresAt: clock.now() + policy.approval_ttl }, "policy");

    const evidence = await deps.evidence.freeze(problem, intent.id, () =>
      repair.evidence?.(candidate.params, repairRun),
    );
    if (evidence === null)
      return giveUp(intent, "evidence", "evidence_failed", "evidence could not be stored");
    intents.patch(intent.id, { evidenceIds: [evidence] });

    const test = await repair.configTest?.(candidate.params, repairRun);
    if (test != null) intents.addOutcome(intent.id, { step: "config_test", ...test, at: clock.now() });
    if (test != null && !test.ok) return giveUp(intent, "config_test", "config_test_failed", test.summary);

    const unmet = (await repair.preconditions?.(candidate.params, repairRun))?.find((one) => !one.ok);
    if (unmet !== undefined)
      return giveUp(intent, "precondition", "precondition_failed", `${unmet.name}: ${unmet.detail}`);
    // The last look before the act: the switch works within a second, whatever was under way.
    if (!readSwitch(store).repairs || deps.signal.aborted) {
      intents.move(intent.id, "superseded", { finishedAt: clock.now() });
      return { verified: false, hold: null };
    }
    const attempt = begin(intent, problem);
    void begun();
    await failpoint("executing");
    const applied = await apply(candidate, repairRun);
    await failpoint("applied");
    intents.addOutcome(intent.id, { step: "apply", ...applied, at: clock.now() });
    if (!applied.ok) {
      await fail(intent, candidate, repairRun, attempt);
      return { verified: false, hold: null };
    }
    intents.move(intent.id, "verifying", {});
    await failpoint("verifying");
    const verified = await deps.verifier.verify(intent.id, candidate, problem, repairRun);
    if (verified === "stopped") return { verified: false, hold: null };
    if (verified === "failed") await fail(intent, candidate, repairRun, attempt);
    else settle(attempt, "success");
    return { verified: verified === "verified", hold: null };
  }

  /** Intent first: the row, its ledger entry and the attempt are durable before the act. */
  function begin(intent: IntentRecord, problem: ProblemRecord): AttemptRow {
    const attempt: AttemptRow = {
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
    };
    store.transaction(() => {
      store.attempts.put(attempt);
      intents.move(intent.id, "executing", {});
    });
    return attempt;
  }

  function settle(attempt: AttemptRow, outcome: AttemptRow["outcome"]): void {
    store.attempts.put({ ...attempt, outcome, endedAt: clock.now() });
  }

  async function apply(candidate: Candidate, run: RepairRun): Promise<ApplyOutcome> {
    const { repair } = candidate.registered;
    const timeoutMs = repair.timeoutMs ?? APPLY_TIMEOUT_MS;
    const abort = new AbortController();
    const deadline = Promise.withResolvers<never>();
    const timeout = errors.timeout(`no end within ${timeoutMs} ms; what it started was killed`);
    const cancel = clock.after(timeoutMs, () => {
      abort.abort(timeout);
      deadline.reject(timeout);
    });
    try {
      const work = repair.apply(candidate.params, candidate.plan, {
        ...run,
        signal: AbortSignal.any([run.signal, abort.signal]),
      });
      return await Promise.race([work, deadline.promise]);
    } catch (error) {
      return { ok: false, summary: messageOf(error) };
    } finally {
      cancel();
    }
  }

  /** It did not hold: undo where one exists, and count the attempt. */
  async function fail(
    intent: IntentRecord,
    candidate: Candidate,
    run: RepairRun,
    attempt: AttemptRow,
  ): Promise<void> {
    store.transaction(() => {
      settle(attempt, "failure");
      intents.move(intent.id, "failed", { finishedAt: clock.now() });
    });
    await undo(intents, clock, intent.id, candidate, run);
  }

  return { run };
}

/** Take back a failed repair; an explicit "none" leaves it failed. */
export async function undo(
  intents: Intents,
  clock: Clock,
  intentId: string,
  candidate: Candidate,
  run: RepairRun,
): Promise<void> {
  const { repair } = candidate.registered;
  if (repair.undo === "none") return;
  let outcome: ApplyOutcome;
  try {
    outcome = await repair.undo(candidate.params, candidate.plan, run);
  } catch (error) {
    outcome = { ok: false, summary: messageOf(error) };
  }
  intents.addOutcome(intentId, { step: "undo", ...outcome, at: clock.now() });
  if (outcome.ok) intents.move(intentId, "undone", { finishedAt: clock.now() });
}
