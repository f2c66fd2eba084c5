/** What decisions are bound by in tests: the defaults of the configuration. */
import type { DecideConfig } from "../decide/config.ts";

export const DECIDE_CONFIG: DecideConfig = {
  approvalTtlMs: 600_000,
  twoPeople: true,
  coolingMs: 120_000,
  fleet: { share: 0.1, windowMs: 600_000 },
  commonCause: { share: 0.2, minimum: 3 },
  minGenerations: 3,
  protectedUnits: [],
  ownPaths: ["/var/lib/cortex", "/etc/cortex"],
  learning: { least: 5, lifeMs: 90 * 86_400_000 },
  autonomy: { least: 5, bound: 0.5, ttlMs: 90 * 86_400_000, runs: 20 },
  judge: { deadlineMs: 20_000, dailyCapUsd: 5, perProblem: 6, twin: true },
};
