/**
 * Classify and propose: for an open problem, find the repair, decide its level, ask the guards, write the intent. What may
 * run at L1 is handed to the executor at once; everything else waits, visibly, and executes nothing.
 */
import { type Clock, defineErrors, type Log, messageOf, type NodeFacts } from "cortex";
import type { Config } from "../../config/schema.ts";
import { type IntentRecord, isOver } from "../../domain/intent.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import type { Registry } from "../../host/registry.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { createAgain } from "./again.ts";
import { type Candidate, findCandidate } from "./candidates.ts";
import type { Executor } from "../act/executor.ts";
import { type Case, createHolds, isUsedUp, RECONSIDER_MS } from "./holds.ts";
import type { InFlight } from "./in-flight.ts";
import type { Intents } from "../intents.ts";
import type { Judge } from "./judge.ts";
import type { Laws } from "./laws.ts";
import type { Problems } from "../watch/problems.ts";
import { boundHash } from "./proposal.ts";
import { createProposals } from "./proposals.ts";
import { createCounts, forgive } from "./retries.ts";
import type { ShowUse } from "./show-use.ts";
import { standingOf } from "../trust/standing.ts";
import { called } from "../trust/verdict-words.ts";

export interface Repairer {
  /** From now on it acts: what was under way before the start has been settled. */
  open(): void;
  /** Look at one open problem and do what may be done. Safe to call at any time and any number of times; never throws. */
  consider(problemId: string): Promise<void>;
  /**
   * A proposal for this problem because somebody asks: the one that waits, or a new one where nobody answered the last one
   * in time. Runs nothing. Errors: `propose.not_open`, `propose.not_needed`, `propose.held`, `propose.refused`.
   */
  propose(problemId: string): Promise<IntentRecord>;
  /**
   * Somebody says that it may be tried again: what counted against it is forgiven, and it is looked at as if it had just
   * opened. Errors: `propose.not_open`, `propose.not_needed`.
   */
  retry(problemId: string, actor: string): void;
  /** Look at all of them again: the switch, a maintenance window or the configuration changed. */
  considerAll(): void;
  /** Proposals whose time is over become L3. */
  expireProposals(): void;
  /** Whether a repair of this owner is under way, of unknown outcome, waits for a decision or was refused one. */
  ownerInFlight(owner: string): boolean;
  stop(): Promise<void>;
}

export interface RepairerDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  executor: Executor;
  inFlight: InFlight;
  judge: Judge;
  showUse: ShowUse;
  laws: Laws;
  registry: Registry;
  clock: Clock;
  node: NodeFacts;
  mark: () => TimeMark;
  config: () => Config;
  log: (plugin: string, instance: string) => Log;
  lockHolder: () => Promise<string | null>;
  newId: () => string;
  signal: AbortSignal;
}

const errors = defineErrors("propose", {
  not_open: "not_found",
  not_needed: "conflict",
  held: "conflict",
  refused: "conflict",
});

export function createRepairer(deps: RepairerDeps): Repairer {
  const { store, problems, clock, judge, inFlight, signal } = deps;
  const busy = new Map<string, Promise<void>>();
  /** Whose waiting proposal must be compared with today's policy. */
  const outdated = new Set<string>();
  const proposals = createProposals(deps);
  const again = createAgain(clock, signal, (problemId) => void consider(problemId));
  const holds = createHolds({ ...deps, again });
  let isOpen = false;

  const openProblem = (id: string): ProblemRecord | null => {
    const problem = problems.get(id);
    return problem?.state === "open" ? problem : null;
  };

  const mustWait = (problem: ProblemRecord): boolean => {
    const spoken = proposals.speaking(problem);
    return spoken !== null && !(spoken.state === "proposed" && outdated.has(problem.id));
  };

  /** `asked`: somebody wants a proposal now; what would run by itself is then left alone. */
  async function look(problemId: string, asked = false): Promise<void> {
    const first = openProblem(problemId);
    if (first === null || first.severity === "observe" || mustWait(first)) return;
    const intentId = deps.newId();
    const minPromise = deps.config().policy.min_promise;
    const search = await findCandidate(deps.registry, first, { ...deps, intentId, minPromise });
    const lockHolder = await deps.lockHolder();
    // Planning took time: what it was about may have ended meanwhile.
    const problem = openProblem(problemId);
    if (problem === null || problem.severity === "observe" || mustWait(problem) || signal.aborted) return;
    outdated.delete(problemId);
    const candidate = search.found ?? search.tooSmall;
    if (candidate === null) {
      proposals.withdraw(problem, null);
      const guards = judge.guards(problem, null, { lockHolder, inTheWay: [] });
      holds.hold(problem, "no_repair", "no safe repair is known; a person has to look", "L3", guards.state);
      return again.in(problemId, RECONSIDER_MS);
    }
    const verdict = judge.level(problem, candidate, search.found === null);
    if (!proposals.withdraw(problem, { candidate, verdict })) return;
    const wish = { owner: problem.owner, repair: candidate.registered.repair.name, params: candidate.params };
    const inTheWay = inFlight.inTheWayOf(wish);
    const guards = judge.guards(problem, candidate, { lockHolder, inTheWay });
    const found: Case = { candidate, verdict, guards, inTheWay, intentId };
    if (verdict.mode !== "act") return offer(problem, found, asked);
    if (asked) throw errors.not_needed("the node repairs this by itself, without a decision");
    await act(problem, found);
  }

  async function act(problem: ProblemRecord, found: Case): Promise<void> {
    const { candidate, guards } = found;
    if (holds.byLaws(problem, found)) return;
    if (isUsedUp(guards)) return holds.openBreaker(problem, guards);
    if (holds.byGuards(problem, found, "L1")) return;
    if (holds.wasUnmet(problem) && (await holds.byPreflight(problem, found))) return;
    const intent = proposals.propose(problem, found);
    const outcome = await deps.executor.run(intent, candidate, problem, {
      mayBegin: (lockHolder) => mayBegin(intent, candidate, lockHolder),
      begun: () => deps.showUse(problem.id, candidate),
    });
    const after = openProblem(problem.id);
    if (after === null || outcome.verified || signal.aborted || proposals.speaking(after) !== null) return;
    const inTheWay = inFlight.inTheWayOf(intent);
    const next = judge.guards(after, candidate, { lockHolder: null, inTheWay });
    if (outcome.hold !== null) {
      return holds.giveUp(after, outcome.hold.reason, outcome.hold.text, next.state);
    }
    // It did not hold: the guards say at once whether and when there is another attempt.
    if (isUsedUp(next)) return holds.openBreaker(after, next);
    if (holds.byGuards(after, { guards: next, inTheWay }, "L1")) return;
    problems.update(after.id, { guards: next.state, level: "L1" });
    holds.lookAgain(after, next);
  }

  /** Everything that was decided, decided again in the turn in which the act begins. */
  function mayBegin(intent: IntentRecord, candidate: Candidate, lockHolder: string | null): boolean {
    const problem = intent.problemId === null ? null : openProblem(intent.problemId);
    const stored = store.intents.get(intent.id);
    if (problem === null || stored === null || isOver(stored, stored.expiresAt, deps.mark())) return false;
    if (boundHash(deps.node.id, candidate, stored.expiresAt) !== stored.hash) return false;
    // A reload takes instances away, and with them what their configuration allowed.
    if (!deps.registry.repairs().includes(candidate.registered)) return false;
    const { mode, standing = null } = judge.level(problem, candidate, false);
    // By the very grant that its row names, or by none: it is that which a bad outcome takes back.
    if (mode !== "act" || standing !== standingOf(stored)) return false;
    const inTheWay = inFlight.begunInTheWayOf(intent);
    return judge.guards(problem, candidate, { lockHolder, inTheWay }).allowed;
  }

  /** The intent that this problem had last, as far as it still counts. */
  function answered(problem: ProblemRecord): IntentRecord | null {
    const intent = problem.intentId === null ? null : store.intents.get(problem.intentId);
    const counts = createCounts(store, problem.fingerprint, deps.mark());
    return intent?.stepAt === undefined || counts(intent.stepAt) ? intent : null;
  }

  /** What a person, or nobody, has to decide: written down and left alone. One proposal per opening of a problem. */
  async function offer(problem: ProblemRecord, found: Case, asked: boolean): Promise<void> {
    const earlier = answered(problem);
    if (earlier?.state === "rejected" || (earlier?.state === "expired" && !asked))
      return again.in(problem.id, RECONSIDER_MS);
    // Nobody is asked about what may not be done now: in maintenance, or because of a broken parent.
    if (holds.byGuards(problem, found, found.verdict.level)) return;
    // Nor about what a look shows to be impossible. What only observes says what it would do all the same.
    if (found.verdict.mode === "ask" && (await holds.byPreflight(problem, found))) return;
    proposals.propose(problem, found);
  }

  function consider(problemId: string): Promise<void> {
    const current = busy.get(problemId);
    if (current !== undefined) return current;
    if (!isOpen || signal.aborted || (again.waits(problemId) && !isFreed(problemId)))
      return Promise.resolve();
    const work = look(problemId)
      .catch((error: unknown) => failed(problemId, error))
      .finally(() => busy.delete(problemId));
    busy.set(problemId, work);
    return work;
  }

  async function propose(problemId: string): Promise<IntentRecord> {
    while (busy.has(problemId)) await busy.get(problemId);
    if (openProblem(problemId) === null)
      throw errors.not_open("no open problem of this node has this id; see the list of problems");
    if (!isOpen || signal.aborted) throw errors.held("the node is starting or stopping; ask again");
    const work = look(problemId, true).finally(() => busy.delete(problemId));
    busy.set(
      problemId,
      work.catch(() => {}),
    );
    await work;
    const problem = openProblem(problemId);
    if (problem === null) throw errors.not_open("the problem ended meanwhile");
    const spoken = proposals.speaking(problem);
    if (spoken?.shadow === true) throw errors.held(problem.guards.holdText ?? "its repair is in shadow mode");
    if (spoken !== null) return spoken;
    const last = problem.intentId === null ? null : store.intents.get(problem.intentId);
    if (last?.state === "rejected")
      throw errors.refused("this was rejected; a person may say that it is tried again");
    throw errors.held(problem.guards.holdText ?? "nothing can be proposed now");
  }

  function retry(problemId: string, actor: string): void {
    const problem = openProblem(problemId);
    if (problem === null)
      throw errors.not_open("no open problem of this node has this id; see the list of problems");
    if (proposals.speaking(problem) !== null)
      throw errors.not_needed("a repair of it waits for a decision or is under way already");
    problems.together(() => {
      forgive(store, problem.fingerprint, deps.mark());
      store.ledger.append("retry.asked", actor, { problem: problem.id });
      problems.update(problem.id, {
        guards: { ...problem.guards, breakerUntil: null, hold: null, holdText: null },
        event: { kind: "retry", text: `${called(actor)} asked to try again` },
      });
    });
    again.clear(problemId);
    void consider(problemId);
  }

  /** It waited for the repair of what it stands on, and that is over: no need to wait for the usual time. */
  function isFreed(problemId: string): boolean {
    const problem = openProblem(problemId);
    return problem?.guards.hold === "because_of_parent" && problem.becauseOf === null;
  }

  function failed(problemId: string, error: unknown): void {
    if (signal.aborted) return;
    const reason = messageOf(error);
    deps.log("core", "repairer").error("A problem could not be considered.", { problemId, reason });
    again.in(problemId, RECONSIDER_MS);
    try {
      const problem = openProblem(problemId);
      if (problem !== null)
        holds.hold(problem, "no_repair", `considering a repair failed: ${reason}`, "L3", problem.guards);
    } catch {
      // It can't be stored either, which is what failed most likely; it was logged.
    }
  }

  function considerAll(): void {
    again.clear();
    outdated.clear();
    for (const problem of problems.open()) {
      if (proposals.speaking(problem)?.state === "proposed") outdated.add(problem.id);
      void consider(problem.id);
    }
  }

  return {
    open() {
      isOpen = true;
      considerAll();
    },
    consider,
    propose,
    retry,
    considerAll,
    expireProposals: () => proposals.expire(),
    ownerInFlight: (owner) => inFlight.owner(owner) || inFlight.awaitsDecision(owner, deps.node.bootId),
    async stop() {
      await Promise.allSettled([...busy.values()]);
    },
  };
}
