/** What decisions are bound by, read anew at every use so that a reload takes effect. */
import type { EarningLimits } from "../domain/decide/earning.ts";

export interface DecideConfig {
  /** How long an approval is good for, ms: `policy.approval_ttl`. */
  approvalTtlMs: number;
  /** Whether irreversible and cluster-wide acts need two people: `policy.two_people`. */
  twoPeople: boolean;
  /** How long what can't be undone waits between its approval and its run, ms: `policy.cooling`. */
  coolingMs: number;
  /** Guards across nodes: `policy.fleet_share`, `policy.fleet_window`. */
  fleet: { share: number; windowMs: number };
  commonCause: { share: number; minimum: number };
  /** Generations of backups and snapshots that must be left: `policy.min_generations`. */
  minGenerations: number;
  /** Further units that are never stopped: `policy.protected_units`. */
  protectedUnits: readonly string[];
  /** Paths of Cortex itself on the nodes. */
  ownPaths: readonly string[];
  /** When a rule is proposed and how long it lives: `policy.learn_after`, `policy.learned_ttl`. */
  learning: { least: number; lifeMs: number };
  /** What it takes that a repair acts by itself, and how far it goes: `policy.autonomy_*`. */
  autonomy: EarningLimits & {
    ttlMs: number;
    /** Of one repair on one node within 24 hours. */
    runs: number;
  };
  judge: {
    /** For one question with all its tries, ms. */
    deadlineMs: number;
    /** US dollars within 24 hours. */
    dailyCapUsd: number;
    /** Questions about one problem within 24 hours. */
    perProblem: number;
    /** Ask with and without untrusted text. */
    twin: boolean;
  };
}
