/** pid_usage: tasks that exist as a share of those that may. At the limit nothing can be started, not even a shell. */
import { formatRatio, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseLoadAverage } from "../common/proc/loadavg.parse.ts";
import { parseNumberFile } from "../common/proc/text.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";

export const pidUsageConfig = section("Tasks as a share of those that may exist.", {
  ...timing({ interval: "15s", confirm: "1m" }),
  ...limits("ratio", "Tasks as a share of kernel.pid_max or kernel.threads-max, whichever is less", {
    warning: 0.9,
    critical: 0.95,
    clearWarning: 0.85,
    clearCritical: 0.9,
  }),
}).prefault({});

const PID_MAX = "/proc/sys/kernel/pid_max";
const THREADS_MAX = "/proc/sys/kernel/threads-max";

export function createPidUsage(ctx: PluginContext, config: z.infer<typeof pidUsageConfig>): Check {
  const limit = thresholds(config, "ratio");
  return {
    name: "pid_usage",
    summary: "Tasks as a share of those that may exist",
    type: "kernel.pids",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(
        ctx.fs,
        "/proc/loadavg",
        "no /proc/loadavg: the host's /proc is not mounted",
      );
      if (isSkipped(text)) return [text];
      const maxText = await readOrSkip(
        ctx.fs,
        PID_MAX,
        `no ${PID_MAX}: sysctl is not built into this kernel`,
      );
      if (isSkipped(maxText)) return [maxText];
      const threadsText = await ctx.fs.readTextIfPresent(THREADS_MAX);
      const { tasks } = parseLoadAverage(text);
      const pidMax = parseNumberFile(maxText, PID_MAX);
      const threadsMax = threadsText === null ? Infinity : parseNumberFile(threadsText, THREADS_MAX);
      const max = Math.max(1, Math.min(pidMax, threadsMax));
      const name = threadsMax < pidMax ? "kernel.threads-max" : "kernel.pid_max";
      return [
        {
          target: "host",
          status: judge(tasks / max, limit, run.previous("host")),
          summary: `${tasks} of ${max} possible tasks exist (${formatRatio(tasks / max)} of ${name})`,
          metrics: { "kernel.tasks": tasks, "kernel.tasks_max": max, "kernel.tasks_ratio": tasks / max },
          data: { limit: name, tasks, max },
        },
      ];
    },
  };
}
