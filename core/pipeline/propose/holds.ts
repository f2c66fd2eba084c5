/**
 * Why a repair does not begin: written where people look, with what it waits for, and looked at again when that may have
 * changed. Looking leaves no other trace.
 */
import { type Clock, type Log, oneLine } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { GuardVerdict } from "../../domain/guards.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { GuardState, HoldReason, Level, ProblemRecord, TimeMark } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import type { Again } from "./again.ts";
import { runOf } from "./candidates.ts";
import { levelOfHold } from "./judge.ts";
import { type Laws, textOf } from "./laws.ts";
import { preflight } from "./preflight.ts";
import type { Problems } from "../watch/problems.ts";
import type { ProposalCase } from "./proposals.ts";

/** A held problem is looked at again this often, besides the moments that its hold names. */
export const RECONSIDER_MS = 15_000;
/** What stopped a repair before it began is measured again this often. */
const GIVEN_UP_MS = 60_000;
const GIVEN_UP: (HoldReason | null)[] = ["config_test_failed", "precondition_failed"];
const MAX_HOLD_TEXT = 500;

/** What was found out about a problem before anything is written. */
export interface Case extends ProposalCase {
  inTheWay: IntentRecord[];
}

export interface HoldsDeps {
  store: AgentStore;
  problems: Problems;
  laws: Laws;
  clock: Clock;
  mark: () => TimeMark;
  config: () => Config;
  log: (plugin: string, instance: string) => Log;
  signal: AbortSignal;
  again: Again;
}

/** All attempts are used, and nothing else holds: in maintenance nobody is woken for it. */
export const isUsedUp = ({ exhausted, state }: GuardVerdict) => exhausted && state.hold === "breaker_open";

export type Holds = ReturnType<typeof createHolds>;

export function createHolds(deps: HoldsDeps) {
  const { store, problems, clock, signal, again } = deps;

  function hold(
    problem: ProblemRecord,
    reason: HoldReason,
    why: string,
    level: Level,
    guards: GuardState,
  ): void {
    const text = oneLine(why, MAX_HOLD_TEXT);
    const isNew = problem.guards.hold !== reason || problem.level !== level;
    problems.update(problem.id, {
      guards: { ...guards, hold: reason, holdText: text },
      level,
      ...(isNew ? { event: { kind: reason, text } } : {}),
    });
  }

  /** No guard lets go of it: a person has to look, and it is measured again after a while. */
  function giveUp(problem: ProblemRecord, reason: HoldReason, why: string, guards: GuardState): void {
    hold(problem, reason, why, "L3", guards);
    again.in(problem.id, GIVEN_UP_MS);
  }

  /** At the moment that the guards name, and at the latest after the usual time. */
  function lookAgain(problem: ProblemRecord, { state, until }: GuardVerdict): void {
    const at = until ?? state.nextAttemptAt ?? state.breakerUntil;
    const wait = at === null ? RECONSIDER_MS : Math.min(RECONSIDER_MS, Math.max(0, at - clock.now()) + 5);
    again.in(problem.id, wait);
  }

  /** True when the guards hold the repair, which is then shown and looked at again. */
  function byGuards(
    problem: ProblemRecord,
    { guards, inTheWay }: Pick<Case, "guards" | "inTheWay">,
    level: Level,
  ): boolean {
    const { state } = guards;
    if (guards.allowed || state.hold === null) return false;
    hold(problem, state.hold, state.holdText ?? "held", levelOfHold(guards, inTheWay, level), state);
    lookAgain(problem, guards);
    return true;
  }

  /** What an invariant forbids is not begun, and whoever is woken reads which one; once per opening it is in the ledger. */
  function byLaws(problem: ProblemRecord, { candidate, guards }: Case): boolean {
    const crossed = deps.laws.crossed(problem.target, candidate.plan);
    if (crossed === null) return false;
    const { name: repair } = candidate.registered.repair;
    const text = `${repair} is forbidden here: ${textOf(crossed)}; a person has to look`;
    problems.together(() => {
      if (problem.guards.hold !== "invariant")
        store.ledger.append("invariant.crossed", "engine", { problem: problem.id, repair, ...crossed });
      giveUp(problem, "invariant", text, guards.state);
    });
    return true;
  }

  /** What may not begin is not proposed until what stops it is gone; looking leaves no trace. */
  async function byPreflight(
    problem: ProblemRecord,
    { candidate, guards, intentId }: Case,
  ): Promise<boolean> {
    const run = runOf(candidate, { intentId, signal, log: deps.log });
    const { unmet } = await preflight(candidate, run, clock);
    const current = problems.get(problem.id);
    if (current?.state !== "open" || signal.aborted) return true;
    if (unmet === null) return false;
    giveUp(current, unmet.reason, unmet.text, guards.state);
    return true;
  }

  function openBreaker(problem: ProblemRecord, guards: GuardVerdict): void {
    const now = deps.mark();
    const until = now.wall + deps.config().breaker.open;
    const text = `${guards.state.attemptsUsed} of ${guards.state.attemptsMax} attempts did not hold; a person has to look`;
    problems.together(() => {
      store.breakers.put(problem.fingerprint, until, now);
      store.ledger.append("breaker.opened", "engine", { problem: problem.id, until });
      problems.update(problem.id, {
        level: "L3",
        guards: { ...guards.state, breakerUntil: until, hold: "breaker_open", holdText: text },
        event: { kind: "breaker_open", text },
      });
    });
    again.in(problem.id, RECONSIDER_MS);
  }

  return {
    hold,
    giveUp,
    lookAgain,
    byGuards,
    byLaws,
    byPreflight,
    openBreaker,
    /** Its last look found something that a look may find gone. */
    wasUnmet: ({ guards }: ProblemRecord): boolean => GIVEN_UP.includes(guards.hold),
  };
}
