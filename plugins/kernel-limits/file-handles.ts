/** file_handles: open files of the whole host as a share of fs.file-max. */
import { formatRatio, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { parseFileHandles } from "./kernel-limits.parse.ts";

export const fileHandlesConfig = section("Open files of the whole host as a share of those that may be.", {
  ...timing({ interval: "15s", confirm: "15m" }),
  ...limits("ratio", "Open file handles as a share of fs.file-max", { warning: 0.7, critical: 0.9 }),
}).prefault({});

export function createFileHandles(ctx: PluginContext, config: z.infer<typeof fileHandlesConfig>): Check {
  const limit = thresholds(config, "ratio");
  return {
    name: "file_handles",
    summary: "Open files of the whole host as a share of those that may be",
    type: "kernel.file_handles",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(
        ctx.fs,
        "/proc/sys/fs/file-nr",
        "no /proc/sys/fs/file-nr: the host's /proc is not mounted below host_root",
      );
      if (isSkipped(text)) return [text];
      const { used, max } = parseFileHandles(text);
      const ratio = max === null ? 0 : used / max;
      return [
        {
          target: "host",
          status: judge(ratio, limit, run.previous("host")),
          summary:
            max === null
              ? `${used} file handles open, fs.file-max sets no limit`
              : `${used} of ${max} file handles open (${formatRatio(ratio)} of fs.file-max)`,
          metrics: {
            "kernel.file_handles": used,
            "kernel.file_handles_ratio": ratio,
            ...(max !== null && { "kernel.file_handles_max": max }),
          },
        },
      ];
    },
  };
}
