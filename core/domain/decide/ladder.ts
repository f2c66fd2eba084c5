/**
 * Who decides at this moment, from the best judge down to rules and people alone, and what may still be repaired without
 * anybody being woken. Pure: what judges are in which state is told to it.
 */
import type { PolicyDocument, PolicyRule } from "./policy.ts";

export const JUDGE_STATES = ["ready", "unproven", "resting", "capped"] as const;
export type JudgeState = (typeof JUDGE_STATES)[number];

/** First judge, one after it, one on machines of one's own, no judge at all. */
export const RUNGS = ["primary", "fallback", "local", "rules"] as const;
export type Rung = (typeof RUNGS)[number];

export interface JudgeStanding {
  decider: string;
  models: readonly string[];
  /** Runs on machines of one's own. */
  isOwn: boolean;
  state: JudgeState;
  /** Why it can't be asked; empty when it can. */
  text: string;
  /** Epoch ms; until then it is left alone after a failure. */
  restsUntil: number | null;
  /** Its last failure, when no answer came after it. */
  failure: { reason: string; text: string; at: number } | null;
}

export interface Ladder {
  /** Where it stands now. */
  rung: Rung;
  /** In the order in which they are asked. */
  judges: (JudgeStanding & { rung: Exclude<Rung, "rules"> })[];
  /** What may be repaired without a person, at this rung. */
  without: {
    /** Rules in force that allow by themselves. */
    rules: string[];
    /** Rules in force that let a judge decide: they ask people while no judge is ready. */
    judged: string[];
    /** Whether a judge would be asked for these now. */
    judgesAnswer: boolean;
  };
}

/** `standings` in the order in which they are asked; `now` in epoch ms. */
export function ladderOf(standings: readonly JudgeStanding[], policy: PolicyDocument, now: number): Ladder {
  const judges = standings.map((one, index) => ({
    ...one,
    rung: one.isOwn ? ("local" as const) : index === 0 ? ("primary" as const) : ("fallback" as const),
  }));
  const ready = judges.find(({ state }) => state === "ready");
  const inForce = policy.rules.filter(({ expires }) => expires === undefined || Date.parse(expires) > now);
  const ids = (fits: (one: PolicyRule) => boolean) => inForce.filter(fits).map(({ id }) => id);
  return {
    rung: ready?.rung ?? "rules",
    judges,
    without: {
      rules: ids(({ verdict }) => verdict === "allow"),
      judged: ids((one) => one.verdict === "human" && one.llm_may_decide === true),
      judgesAnswer: ready !== undefined,
    },
  };
}
