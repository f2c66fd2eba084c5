/**
 * Classify and propose: for an open problem, find the repair, decide its level, ask the guards, write the intent. What may
 * run at L1 is handed to the executor at once; everything else waits, visibly, and executes nothing.
 */
import { type Clock, type Log, messageOf, type NodeFacts, type RepairRun } from "cortex";
import type { Config } from "../config/schema.ts";
import { decideLevel, type LevelVerdict } from "../domain/level.ts";
import type { GuardVerdict } from "../domain/guards.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { GuardState, HoldReason, ProblemRecord, TimeMark } from "../domain/problem.ts";
import type { Registry } from "../host/registry.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { judgeGuards } from "./attempts.ts";
import { type Candidate, findCandidate } from "./candidates.ts";
import type { Executor } from "./executor.ts";
import type { Intents } from "./intents.ts";
import { noGuards } from "./problem-record.ts";
import type { Problems } from "./problems.ts";
import { holdOf, proposalOf } from "./proposal.ts";

/** A held problem is looked at again this often, besides the moments that its hold names. */
const RECONSIDER_MS = 15_000;

export interface Repairer {
  /** Look at one open problem and do what may be done. Safe to call at any time and any number of times. */
  consider(problemId: string): Promise<void>;
  /** Look at all of them again: the switch, a maintenance window or the configuration changed. */
  considerAll(): void;
  /** Proposals whose time is over become L3. */
  expireProposals(): void;
  /** Whether a repair of this owner is executing, verifying or unknown. */
  ownerInFlight(owner: string): boolean;
  stop(): Promise<void>;
}

export interface RepairerDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  executor: Executor;
  registry: Registry;
  clock: Clock;
  node: NodeFacts;
  config: () => Config;
  log: (plugin: string, instance: string) => Log;
  lockHolder: () => Promise<string | null>;
  newId: () => string;
  signal: AbortSignal;
}

export function createRepairer(deps: RepairerDeps): Repairer {
  const { store, problems, intents, clock, node } = deps;
  const busy = new Map<string, Promise<void>>();
  const notBefore = new Map<string, number>();
  const mark = (): TimeMark => ({ wall: clock.now(), mono: clock.monotonic(), bootId: node.bootId });

  const runFor = (intentId: string): Omit<RepairRun, "log"> => ({ signal: deps.signal, intentId });

  const ownerInFlight = (owner: string) =>
    store.intents
      .find({ kind: ["repair"], state: ["executing", "verifying", "unknown"], limit: 200 })
      .some((intent) => intent.owner === owner);

  function lookAgain(problem: ProblemRecord, at: number | null): void {
    const wait = at === null ? RECONSIDER_MS : Math.min(RECONSIDER_MS, Math.max(0, at - clock.now()) + 5);
    notBefore.set(problem.id, clock.monotonic() + wait);
    const cancel = clock.after(wait, () => {
      notBefore.delete(problem.id);
      void consider(problem.id);
    });
    deps.signal.addEventListener("abort", cancel, { once: true });
  }

  function hold(
    problem: ProblemRecord,
    reason: HoldReason,
    text: string,
    level: ProblemRecord["level"],
    guards?: GuardState,
  ): void {
    const state: GuardState = { ...(guards ?? guardsOf(problem)), hold: reason, holdText: text };
    const isNew = problem.guards.hold !== reason || problem.level !== level;
    problems.update(problem.id, {
      guards: state,
      level,
      ...(isNew ? { event: { kind: reason, text } } : {}),
    });
  }

  const guardsOf = (problem: ProblemRecord): GuardState =>
    problem.guards.attemptsMax === 0 ? noGuards(deps.config()) : problem.guards;

  /** An intent that already speaks for this problem: waiting for a decision, shadowing, or at work. */
  function speaking(problem: ProblemRecord): IntentRecord | null {
    if (problem.intentId === null) return null;
    const intent = store.intents.get(problem.intentId);
    return intent !== null &&
      ["proposed", "approved", "executing", "verifying", "unknown"].includes(intent.state)
      ? intent
      : null;
  }

  async function look(problem: ProblemRecord): Promise<void> {
    if (problem.severity === "observe" || speaking(problem) !== null) return;
    const config = deps.config();
    const intentId = deps.newId();
    const search = await findCandidate(deps.registry, problem, runFor(intentId), {
      minPromise: config.policy.min_promise,
      log: (registered) => deps.log(registered.plugin, registered.instance),
    });
    const candidate = search.found ?? search.tooSmall;
    if (candidate === null) {
      hold(
        problem,
        "no_repair",
        "no safe repair is known; a person has to look",
        "L3",
        await guardView(problem, null),
      );
      return lookAgain(problem, null);
    }
    const verdict = levelOf(problem, candidate, search.found === null);
    const guards = await guardsFor(problem, candidate);
    if (verdict.mode === "act") await act(problem, candidate, verdict, guards, intentId);
    else offer(problem, candidate, verdict, guards, intentId);
  }

  function levelOf(problem: ProblemRecord, candidate: Candidate, tooSmall: boolean): LevelVerdict {
    const { repair, origin, host } = candidate.registered;
    const { policy } = deps.config();
    const verdict = decideLevel({
      repair: repair.name,
      class: repair.class,
      owner: problem.owner,
      tags: [...problem.tags, ...node.tags, ...(host.tags ?? [])],
      autonomy: [policy.autonomy, host.autonomy],
      instanceLevel: host.level,
      rules: policy.rules,
      shadow: origin === "user",
    });
    if (!tooSmall || verdict.mode !== "act") return verdict;
    return { level: "L2", mode: "ask", reason: "the plan promises too little to act by itself" };
  }

  async function guardsFor(problem: ProblemRecord, candidate: Candidate | null): Promise<GuardVerdict> {
    const parent = problems.parent(problem);
    const repair = candidate?.registered.repair;
    return judgeGuards(store, deps.config(), {
      problem,
      now: mark(),
      uptimeMs: node.uptimeMs(),
      supervised: repair?.supervised ?? false,
      lockHolder: await deps.lockHolder(),
      parent: parent?.summary ?? null,
      inFlight: problem.owner !== null && ownerInFlight(problem.owner),
      maxAttempts: repair?.maxAttempts,
      cooldownMs: repair?.cooldownMs,
    });
  }

  const guardView = async (problem: ProblemRecord, candidate: Candidate | null) =>
    (await guardsFor(problem, candidate)).state;

  async function act(
    problem: ProblemRecord,
    candidate: Candidate,
    verdict: LevelVerdict,
    guards: GuardVerdict,
    intentId: string,
  ): Promise<void> {
    if (guards.exhausted) return openBreaker(problem, guards);
    if (!guards.allowed) {
      const { hold: reason, holdText } = guards.state;
      const level = reason === "breaker_open" ? "L3" : "L1";
      hold(problem, reason ?? "in_flight", holdText ?? "held", level, guards.state);
      return lookAgain(problem, guards.state.nextAttemptAt ?? guards.state.breakerUntil);
    }
    const intent = propose(problem, candidate, verdict, guards, intentId);
    const outcome = await deps.executor.run(intent, candidate, problem, () => showUse(problem, candidate));
    if (outcome.hold !== null) {
      const current = problems.get(problem.id);
      if (current !== null && current.state === "open")
        hold(current, outcome.hold.reason, outcome.hold.text, "L3", await guardView(current, candidate));
      return lookAgain(problem, null);
    }
    const after = problems.get(problem.id);
    if (after === null || after.state !== "open" || outcome.verified) return;
    // It did not hold: the guards say at once whether and when there is another attempt.
    const next = await guardsFor(after, candidate);
    if (next.exhausted) return openBreaker(after, next);
    problems.update(after.id, { guards: next.state, level: "L1" });
    lookAgain(after, next.state.nextAttemptAt ?? clock.now());
  }

  /** The attempt that just began is counted where people look. */
  async function showUse(problem: ProblemRecord, candidate: Candidate): Promise<void> {
    const { state } = await guardsFor(problem, candidate);
    problems.update(problem.id, { guards: { ...state, hold: null, holdText: null } });
  }

  function openBreaker(problem: ProblemRecord, guards: GuardVerdict): void {
    const now = clock.now();
    const until = now + deps.config().breaker.open;
    const text = `${guards.state.attemptsUsed} of ${guards.state.attemptsMax} attempts did not hold; a person has to look`;
    store.transaction(() => {
      store.breakers.put(problem.fingerprint, until, now);
      store.ledger.append("breaker.opened", "engine", { problem: problem.id, until });
      problems.update(problem.id, {
        level: "L3",
        guards: { ...guards.state, breakerUntil: until, hold: "breaker_open", holdText: text },
        event: { kind: "breaker_open", text },
      });
    });
    lookAgain(problem, null);
  }

  function propose(
    problem: ProblemRecord,
    candidate: Candidate,
    verdict: LevelVerdict,
    guards: GuardVerdict,
    id: string,
  ): IntentRecord {
    const { policy } = deps.config();
    const facts = { id, node: node.id, now: clock.now(), attempt: guards.nextAttempt, policy };
    const intent = proposalOf(problem, candidate, verdict, facts);
    const waits = verdict.mode !== "act";
    store.transaction(() => {
      intents.create(intent);
      problems.update(problem.id, {
        intentId: intent.id,
        level: verdict.level,
        guards: {
          ...guards.state,
          hold: waits ? holdOf(verdict) : null,
          holdText: waits ? verdict.reason : null,
        },
        event: { kind: "proposed", text: intent.summary },
      });
    });
    return intent;
  }

  /** What a person, or nobody, has to decide: written down and left alone. One proposal per opening of a problem. */
  function offer(
    problem: ProblemRecord,
    candidate: Candidate,
    verdict: LevelVerdict,
    guards: GuardVerdict,
    intentId: string,
  ): void {
    const earlier = problem.intentId === null ? null : store.intents.get(problem.intentId);
    if (earlier !== null && earlier.state === "expired") return lookAgain(problem, null);
    propose(problem, candidate, verdict, guards, intentId);
  }

  function consider(problemId: string): Promise<void> {
    const current = busy.get(problemId);
    if (current !== undefined) return current;
    const problem = problems.get(problemId);
    if (problem === null || problem.state !== "open" || deps.signal.aborted) return Promise.resolve();
    if ((notBefore.get(problemId) ?? 0) > clock.monotonic()) return Promise.resolve();
    const work = look(problem)
      .catch((error: unknown) => {
        deps
          .log("core", "repairer")
          .error("A problem could not be considered.", { problemId, reason: messageOf(error) });
        hold(problem, "no_repair", `considering a repair failed: ${messageOf(error)}`, "L3");
      })
      .finally(() => busy.delete(problemId));
    busy.set(problemId, work);
    return work;
  }

  return {
    consider,
    considerAll() {
      notBefore.clear();
      for (const problem of problems.open()) void consider(problem.id);
    },
    expireProposals() {
      const now = clock.now();
      for (const intent of store.intents.find({ kind: ["repair"], state: ["proposed"], limit: 500 })) {
        if (intent.expiresAt === null || intent.expiresAt > now) continue;
        intents.move(intent.id, "expired", { finishedAt: now });
        if (intent.problemId === null || intent.shadow) continue;
        problems.update(intent.problemId, {
          level: "L3",
          event: { kind: "expired", text: "nobody decided in time; a person has to look" },
        });
      }
    },
    ownerInFlight,
    async stop() {
      await Promise.allSettled([...busy.values()]);
    },
  };
}
