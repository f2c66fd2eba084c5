/** What policy and guards say about one problem and one repair, measured now. Nothing here waits or writes. */
import type { NodeFacts } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { GuardVerdict } from "../../domain/guards.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import { isReversible } from "../../domain/decide/blast-radius.ts";
import { REASONS } from "../../domain/decide/reasons.ts";
import { decideLevel, type LevelVerdict, mostCarefulLevel } from "../../domain/level.ts";
import type { Level, ProblemRecord, TimeMark } from "../../domain/problem.ts";
import { checkKey, type Registry } from "../../host/registry.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { judgeGuards } from "./attempts.ts";
import { readAutonomy } from "./autonomy.ts";
import type { Candidate } from "./candidates.ts";
import { type Laws, saysWhatItDoes } from "./laws.ts";
import type { Problems } from "../watch/problems.ts";
import type { StandingApprovals } from "../trust/standing.ts";

export interface Judge {
  level(problem: ProblemRecord, candidate: Candidate, tooSmall: boolean): LevelVerdict;
  /** `inTheWay`: acts that keep the owner busy, or whose outcome nobody knows. */
  guards(
    problem: ProblemRecord,
    candidate: Candidate | null,
    world: { lockHolder: string | null; inTheWay: readonly IntentRecord[] },
  ): GuardVerdict;
}

export interface JudgeDeps {
  store: AgentStore;
  problems: Problems;
  registry: Registry;
  node: NodeFacts;
  mark: () => TimeMark;
  config: () => Config;
  standing: Pick<StandingApprovals, "of">;
  laws: Laws;
}

export function createJudge(deps: JudgeDeps): Judge {
  const { store, registry, node } = deps;
  const sourceOf = (problem: ProblemRecord) => registry.check(checkKey(problem.check, problem.instance));

  /** Why nobody knows how the target is right now; null when it was just seen. */
  function unseen(problem: ProblemRecord): string | null {
    if (sourceOf(problem) === null) return "its check does not run at present; nothing is repaired unseen";
    const isPaused = store.pausedChecks
      .all()
      .some((one) => one.check === problem.check && one.instance === problem.instance);
    if (isPaused) return "its check is paused; nothing is repaired unseen";
    return problem.status === "unknown" ? `nothing is repaired unseen; ${problem.summary}` : null;
  }

  /** The laws that a decision is under hold for what is done without one, too. */
  function isHarmless({ target }: ProblemRecord, { plan, registered: { repair } }: Candidate): boolean {
    if (plan.effects === undefined || !isReversible(plan.effects, typeof repair.undo === "function"))
      return false;
    return deps.laws.crossed(target, plan) === null;
  }

  return {
    level(problem, candidate, tooSmall) {
      const { repair, origin, host } = candidate.registered;
      const { policy } = deps.config();
      // The operator restricts problems at the check that finds them, and acts at the repair that does them: both hold.
      const found = sourceOf(problem);
      const source = found?.host;
      // A user's check may name any owner; what it finds is told, and repaired only when a person agrees.
      const trust = found?.origin === "user" ? ("ask" as const) : undefined;
      const verdict = decideLevel({
        repair: repair.name,
        class: repair.class,
        owner: problem.owner,
        program: repair.program,
        tags: [...problem.tags, ...node.tags, ...(host.tags ?? []), ...(source?.tags ?? [])],
        general: policy.autonomy,
        autonomy: [readAutonomy(store), host.autonomy, source?.autonomy, trust],
        instanceLevel: mostCarefulLevel([host.level, source?.level]),
        rules: policy.rules,
        shadow: origin === "user",
        earned: policy.earned_autonomy ? deps.standing.of(repair.name) : null,
        isHarmless: isHarmless(problem, candidate),
      });
      if (verdict.mode !== "act") return verdict;
      // No law can be held against what is not said.
      if (!saysWhatItDoes(candidate.plan))
        return { level: "L2", mode: "ask", reason: REASONS.effects_unknown.text };
      if (tooSmall)
        return { level: "L2", mode: "ask", reason: "the plan promises too little to act by itself" };
      const why = repair.asks?.(candidate.params) ?? null;
      return why === null ? verdict : { level: "L2", mode: "ask", reason: why };
    },
    guards(problem, candidate, { lockHolder, inTheWay }) {
      const repair = candidate?.registered.repair;
      return judgeGuards(store, deps.config(), {
        problem,
        now: deps.mark(),
        uptimeMs: node.uptimeMs(),
        supervised: repair?.supervised ?? false,
        lockHolder,
        parent: deps.problems.parent(problem)?.summary ?? null,
        inFlight: inTheWay.length > 0,
        unsettled: inTheWay.find((intent) => intent.state === "unknown")?.summary ?? null,
        unseen: unseen(problem),
        maxAttempts: repair?.maxAttempts,
        cooldownMs: repair?.cooldownMs,
      });
    },
  };
}

/** What holds without end in sight, or uses up what all repairs share, is for people; the rest passes by itself. */
export function levelOfHold(
  { state }: GuardVerdict,
  inTheWay: readonly IntentRecord[],
  otherwise: Level,
): Level {
  if (state.hold === "breaker_open" || state.hold === "fleet_budget") return "L3";
  if (state.hold === "in_flight" && inTheWay.some((intent) => intent.state === "unknown")) return "L3";
  return otherwise;
}
