/** plugin_health: a plugin that can't look is a part of the host that nobody watches. */
import { type Check, oneLine, type PluginContext, type Result, type SelfStats, type Skipped } from "cortex";

export interface PluginHealthConfig {
  interval: number;
  confirm: number;
  failures: number;
}

type PluginStats = SelfStats["plugins"][number];

function judgePlugin(plugin: PluginStats, failures: number): Result | Skipped {
  const { name, instance, state, consecutiveFailures, reason } = plugin;
  const target = instance === "default" ? name : `${name}/${instance}`;
  if (state === "disabled") return { target, skipped: reason ?? "switched off" };
  const why = reason === null ? "" : `: ${reason}`;
  const broken = state === "broken";
  const failing = consecutiveFailures >= failures;
  return {
    target,
    status: broken || failing ? "warning" : "ok",
    summary: oneLine(
      broken
        ? `plugin ${target} is broken${why}`
        : failing
          ? `plugin ${target} failed ${consecutiveFailures} times in a row${why}`
          : `plugin ${target} is ${state}`,
    ),
    metrics: { "plugin.consecutive_failures": consecutiveFailures },
  };
}

export function createPluginHealthCheck(ctx: PluginContext, config: PluginHealthConfig): Check {
  return {
    name: "plugin_health",
    summary: "Plugins that are broken, or time out or crash again and again.",
    type: "plugin.health",
    nature: "fact",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(): Promise<(Result | Skipped)[]> {
      const { plugins } = ctx.self();
      if (plugins.length === 0) return [{ skipped: "no plugins are reported" }];
      return plugins.map((plugin) => judgePlugin(plugin, config.failures));
    },
  };
}
