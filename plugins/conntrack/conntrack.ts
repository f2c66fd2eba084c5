/** conntrack: entries of the connection table as a share of those that fit. A full table drops every new connection. */
import { formatRatio, isCortexError, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseNumberFile } from "../common/proc/text.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { parseConntrackStat } from "./conntrack.parse.ts";

export const conntrackConfig = section("Tracked connections as a share of those that fit into the table.", {
  ...timing({ interval: "15s", confirm: "1m" }),
  ...limits("ratio", "Tracked connections as a share of the table", {
    warning: 0.75,
    critical: 0.9,
    clearWarning: 0.7,
    clearCritical: 0.85,
  }),
}).prefault({});

const COUNT = "/proc/sys/net/netfilter/nf_conntrack_count";
const MAX = "/proc/sys/net/netfilter/nf_conntrack_max";
const STAT = "/proc/net/stat/nf_conntrack";
const ABSENT = "kernel tracks no connections (module nf_conntrack is not loaded)";

/** Empty where the kernel was built without CONFIG_NF_CONNTRACK_PROCFS, or where only root may read it. */
async function dropMetrics(ctx: PluginContext): Promise<Record<string, number>> {
  try {
    const text = await ctx.fs.readTextIfPresent(STAT);
    if (text === null) return {};
    const stat = parseConntrackStat(text);
    return {
      "conntrack.drops_total": stat.drops,
      "conntrack.early_drops_total": stat.earlyDrops,
      "conntrack.insert_failures_total": stat.insertFailures,
    };
  } catch (error) {
    if (isCortexError(error) && error.code === "fs.denied") return {};
    throw error;
  }
}

export function createConntrack(ctx: PluginContext, config: z.infer<typeof conntrackConfig>): Check {
  const limit = thresholds(config, "ratio");
  return {
    name: "conntrack",
    summary: "Tracked connections as a share of those that fit into the table",
    type: "conntrack.table",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const countText = await readOrSkip(ctx.fs, COUNT, ABSENT);
      if (isSkipped(countText)) return [countText];
      const maxText = await readOrSkip(ctx.fs, MAX, ABSENT);
      if (isSkipped(maxText)) return [maxText];
      const count = parseNumberFile(countText, COUNT);
      const max = parseNumberFile(maxText, MAX);
      // With nf_conntrack_max at 0 the kernel compares with nothing: there is no limit.
      const ratio = max === 0 ? 0 : count / max;
      return [
        {
          target: "host",
          status: judge(ratio, limit, run.previous("host")),
          summary: `${count} of ${max === 0 ? "any number of" : max} tracked connections (${formatRatio(ratio)})`,
          metrics: {
            "conntrack.entries": count,
            "conntrack.entries_max": max,
            "conntrack.used_ratio": ratio,
            ...(await dropMetrics(ctx)),
          },
          data: { count, max },
        },
      ];
    },
  };
}
