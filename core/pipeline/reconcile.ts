/**
 * After a crash: every intent that was under way is looked at before anything else may act. An executing one is never run
 * again; the failing check and the repair's own probe say what became of it, and if they can't, a person is told.
 */
import { type Clock, type Log, messageOf, type ProbeOutcome, type RepairRun } from "cortex";
import type { IntentRecord, IntentState } from "../domain/intent.ts";
import type { Registry } from "../host/registry.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { type Candidate, viewOf } from "./candidates.ts";
import { undo } from "./executor.ts";
import type { Intents } from "./intents.ts";
import type { Problems } from "./problems.ts";
import type { Verifier, VerifierDeps } from "./verifier.ts";

export interface ReconcileDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  verifier: Verifier;
  registry: Registry;
  clock: Clock;
  lookNow: VerifierDeps["lookNow"];
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
}

const UNDER_WAY: IntentState[] = ["approved", "executing", "verifying"];

/** Settles everything but verifications, which go on beside the program; returns those. */
export async function reconcile(deps: ReconcileDeps): Promise<Promise<void>[]> {
  const { store, clock } = deps;
  const proposals = store.intents.find({ kind: ["repair"], state: ["proposed"], level: ["L1"], limit: 500 });
  for (const intent of proposals) if (!intent.shadow) supersede(deps, intent);
  const verifications: Promise<void>[] = [];
  for (const intent of store.intents.find({ kind: ["repair"], state: UNDER_WAY, limit: 500 })) {
    if (intent.state === "approved") {
      supersede(deps, intent);
      continue;
    }
    const next = intent.state === "verifying" ? "verify" : await settle(deps, intent);
    if (next === "verify") verifications.push(resume(deps, intent.id));
  }
  for (const attempt of store.attempts.running()) {
    const state = store.intents.get(attempt.intentId)?.state;
    if (state !== "executing" && state !== "verifying")
      store.attempts.put({ ...attempt, outcome: "interrupted", endedAt: clock.now() });
  }
  return verifications;
}

function supersede(deps: ReconcileDeps, intent: IntentRecord): void {
  const at = deps.clock.now();
  deps.intents.addOutcome(intent.id, {
    step: "reconcile",
    ok: false,
    summary: "the program ended before it began",
    at,
  });
  deps.intents.move(intent.id, "superseded", { finishedAt: at });
}

/** What an interrupted apply left behind: its effect, nothing, or something nobody can tell. */
async function settle(deps: ReconcileDeps, intent: IntentRecord): Promise<"verify" | "done"> {
  const { intents, clock } = deps;
  const problem = intent.problemId === null ? null : deps.problems.get(intent.problemId);
  const seen = problem === null ? null : await deps.lookNow(problem);
  const found: ProbeOutcome = seen?.status === "ok" ? "done" : await probe(deps, intent);
  const at = clock.now();
  const say = (ok: boolean, summary: string) =>
    intents.addOutcome(intent.id, { step: "reconcile", ok, summary, at });
  switch (found) {
    case "done":
      say(true, "the program ended during the act; its effect is there");
      intents.move(intent.id, "verifying", {}, "reconcile");
      return "verify";
    case "not_done":
      say(false, "the program ended during the act; it had no effect");
      intents.move(intent.id, "failed", { finishedAt: at }, "reconcile");
      return "done";
    case "unknown":
      say(false, "the program ended during the act; what became of it can't be told. A person has to look");
      intents.move(intent.id, "unknown", {}, "reconcile");
      if (problem !== null)
        deps.problems.update(problem.id, {
          level: "L3",
          event: {
            kind: "unknown",
            text: `what became of ${intent.summary} can't be told; a person has to look`,
          },
        });
      return "done";
  }
}

async function probe(deps: ReconcileDeps, intent: IntentRecord): Promise<ProbeOutcome> {
  const candidate = await candidateOf(deps, intent);
  if (candidate?.registered.repair.probe === undefined) return "unknown";
  try {
    return await candidate.registered.repair.probe(candidate.params, runOf(deps, intent, candidate));
  } catch (error) {
    deps.log("core", "reconcile").warn("A probe failed.", { intent: intent.id, reason: messageOf(error) });
    return "unknown";
  }
}

/** The repair as it stands today, if this instance still owns the target and the version is the same. */
async function candidateOf(deps: ReconcileDeps, intent: IntentRecord): Promise<Candidate | null> {
  const problem = intent.problemId === null ? null : deps.problems.get(intent.problemId);
  for (const registered of deps.registry.repairs()) {
    const { repair } = registered;
    if (repair.name !== intent.repair || repair.version !== intent.repairVersion || intent.plan === null)
      continue;
    const candidate = { registered, params: intent.params, plan: intent.plan };
    if (problem === null) return candidate;
    const resolved = await repair.resolve(viewOf(problem), runOf(deps, intent, candidate));
    if (resolved !== null) return candidate;
  }
  return null;
}

const runOf = (deps: ReconcileDeps, intent: IntentRecord, candidate: Candidate): RepairRun => ({
  signal: deps.signal,
  log: deps.log(candidate.registered.plugin, candidate.registered.instance),
  intentId: intent.id,
});

async function resume(deps: ReconcileDeps, intentId: string): Promise<void> {
  const { store, intents, clock } = deps;
  const intent = store.intents.get(intentId);
  const problem = intent?.problemId == null ? null : deps.problems.get(intent.problemId);
  if (intent === null || problem === null) return;
  const candidate = await candidateOf(deps, intent);
  const run: RepairRun =
    candidate === null
      ? { signal: deps.signal, log: deps.log("core", "reconcile"), intentId }
      : runOf(deps, intent, candidate);
  const verdict = await deps.verifier.verify(intentId, candidate, problem, run);
  if (verdict === "stopped") return;
  const attempt = store.attempts.running().find((row) => row.intentId === intentId);
  const outcome = verdict === "verified" ? "success" : "failure";
  if (attempt !== undefined) store.attempts.put({ ...attempt, outcome, endedAt: clock.now() });
  if (verdict === "verified") return;
  intents.move(intentId, "failed", { finishedAt: clock.now() }, "reconcile");
  if (candidate !== null) await undo(intents, clock, intentId, candidate, run);
}
