/** What decisions are bound by, from the configuration in force. */
import { dirname } from "node:path";
import type { DecideConfig } from "../core/decide/config.ts";
import type { Settings } from "./settings.ts";

/** Folders of Cortex as packages and install.sh lay them out, besides those of this very process. */
const OWN_PATHS = ["/var/lib/cortex", "/etc/cortex", "/usr/local/lib/cortex", "/usr/lib/cortex"];

export function decideConfigOf({ config, pluginsDir }: Settings, dataDir: string): DecideConfig {
  const { policy } = config;
  return {
    approvalTtlMs: policy.approval_ttl,
    twoPeople: policy.two_people,
    coolingMs: policy.cooling,
    fleet: { share: policy.fleet_share, windowMs: policy.fleet_window },
    commonCause: { share: policy.common_cause_share, minimum: policy.common_cause_min },
    minGenerations: policy.min_generations,
    protectedUnits: policy.protected_units,
    ownPaths: [...OWN_PATHS, dataDir, dirname(pluginsDir)],
    learning: { least: policy.learn_after, lifeMs: policy.learned_ttl },
    autonomy: {
      least: policy.autonomy_after,
      bound: policy.autonomy_bound,
      ttlMs: policy.autonomy_ttl,
      runs: policy.autonomy_runs,
    },
    judge: {
      deadlineMs: policy.judge_deadline,
      dailyCapUsd: policy.judge_daily_usd,
      perProblem: policy.judge_per_problem,
      twin: policy.judge_twin,
    },
  };
}
