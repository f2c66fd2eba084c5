/**
 * Verify: a repair is done when the failing check says so, for as long as `verify.stable`; then the target is watched, and
 * a relapse within `verify.watch` turns a verified intent into a failed one.
 */
import { type Clock, messageOf, type Precondition, type RepairRun, type Status } from "cortex";
import type { Config } from "../config/schema.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { ProblemRecord } from "../domain/problem.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import type { Candidate } from "./candidates.ts";
import type { Intents } from "./intents.ts";
import type { Problems } from "./problems.ts";

/** How often to look while waiting for stability: often enough to see a relapse, never busier than this. */
const SHORTEST_LOOK_MS = 100;

export type Verdict = "verified" | "failed" | "stopped";

export interface Verifier {
  verify(
    intentId: string,
    candidate: Pick<Candidate, "registered" | "params" | "plan"> | null,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<Verdict>;
  /** An open problem of this target, or of what depends on it, while the intent is being watched: it did not hold. */
  relapse(problem: ProblemRecord): IntentRecord | null;
}

export interface VerifierDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  clock: Clock;
  config: () => Config;
  /** Run the check now and answer the target's status; null when the target was not reported. */
  lookNow: (problem: ProblemRecord) => Promise<{ status: Status; summary: string } | null>;
  signal: AbortSignal;
}

export function createVerifier(deps: VerifierDeps): Verifier {
  const { store, intents, clock } = deps;

  async function extra(
    candidate: Pick<Candidate, "registered" | "params" | "plan"> | null,
    run: RepairRun,
  ): Promise<Precondition | null> {
    if (candidate === null) return null;
    try {
      return (await candidate.registered.repair.verify?.(candidate.params, candidate.plan, run)) ?? null;
    } catch (error) {
      return { name: "verify", ok: false, detail: messageOf(error) };
    }
  }

  async function verify(
    intentId: string,
    candidate: Pick<Candidate, "registered" | "params" | "plan"> | null,
    problem: ProblemRecord,
    run: RepairRun,
  ): Promise<Verdict> {
    const { verify: limits } = deps.config();
    const began = clock.monotonic();
    const look = Math.max(SHORTEST_LOOK_MS, Math.min(limits.interval, limits.stable / 4));
    let goodSince: number | null = null;
    for (;;) {
      if (deps.signal.aborted) return "stopped";
      const seen = await deps.lookNow(problem);
      const more = seen?.status === "ok" ? await extra(candidate, run) : null;
      const now = clock.monotonic();
      const good = seen?.status === "ok" && more?.ok !== false;
      if (good) goodSince ??= now;
      const relapsed = !good && goodSince !== null;
      if (relapsed || (goodSince === null && now - began >= limits.timeout)) {
        const what = more?.ok === false ? more.detail : (seen?.summary ?? "the target is no longer reported");
        const summary = relapsed ? `did not stay good: ${what}` : `not good within its time: ${what}`;
        intents.addOutcome(intentId, { step: "verify", ok: false, summary, at: clock.now() });
        return "failed";
      }
      if (goodSince !== null && now - goodSince >= limits.stable) {
        const at = clock.now();
        store.transaction(() => {
          intents.addOutcome(intentId, { step: "verify", ok: true, summary: seen?.summary ?? "ok", at });
          intents.move(intentId, "verified", { finishedAt: at, watchUntil: at + limits.watch });
          // A repair that held closes its breaker and ends the problem.
          store.breakers.remove(problem.fingerprint);
          deps.problems.resolve(problem.id, `repaired by intent ${intentId}`);
        });
        return "verified";
      }
      const left = goodSince === null ? look : Math.min(look, limits.stable - (now - goodSince));
      try {
        await clock.sleep(Math.max(1, left), deps.signal);
      } catch {
        return "stopped";
      }
    }
  }

  function relapse(problem: ProblemRecord): IntentRecord | null {
    const now = clock.now();
    const watched = store.intents
      .find({
        kind: ["repair"],
        state: ["verified"],
        since: now - deps.config().verify.watch - 3_600_000,
        limit: 200,
      })
      .filter((intent) => intent.watchUntil !== null && intent.watchUntil > now);
    return (
      watched.find((intent) => {
        const sameTarget = intent.check === problem.check && intent.target === problem.target;
        const dependsOnIt = intent.owner !== null && problem.dependsOn.includes(intent.owner);
        const sameOwner = intent.owner !== null && intent.owner === problem.owner;
        return (sameTarget || sameOwner || dependsOnIt) && problem.openedAt >= (intent.finishedAt ?? 0);
      }) ?? null
    );
  }

  return { verify, relapse };
}
