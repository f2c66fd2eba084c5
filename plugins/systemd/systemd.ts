import type { PluginContext, PluginHooks } from "cortex";
import type { Config } from "./config.ts";
import { createFailedCheck } from "./failed.ts";
import { createInactiveCheck } from "./inactive.ts";
import { createUnitRepairs } from "./repairs.ts";
import { createTimersCheck } from "./timers.ts";
import { createUnits } from "./units.ts";

export function setupSystemd(ctx: PluginContext, config: Config): PluginHooks {
  const units = createUnits(ctx);
  return {
    checks: [
      ...(config.unit_failed.enabled ? [createFailedCheck(ctx, config, units)] : []),
      ...(config.unit_inactive_expected.enabled ? [createInactiveCheck(ctx, config, units)] : []),
      ...(config.timer_missed.enabled ? [createTimersCheck(ctx, config, units)] : []),
    ],
    repairs: createUnitRepairs(ctx, config),
  };
}
