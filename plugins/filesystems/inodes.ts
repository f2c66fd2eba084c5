import {
  type Check,
  formatRatio,
  type FsUsage,
  judge,
  oneLine,
  type PluginContext,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import { thresholds } from "../common/check-config.ts";
import { isSkipped } from "../common/read.ts";
import type { Config } from "./config.ts";
import type { ReadMountTable } from "./mount-table.ts";
import type { FileSystem } from "./select.ts";
import { CHECK_SLACK_MS, eachUsage, identify, isReadOnly } from "./usage.ts";

/** fs_space tells about a file system that does not answer: one dead mount is one unknown. */
function leaveUnknownToSpace(entry: Result | Skipped): Result | Skipped {
  if (isSkipped(entry) || entry.status !== "unknown") return entry;
  return { target: entry.target, skipped: `${entry.summary} (see fs_space)` };
}

export function createInodesCheck(ctx: PluginContext, config: Config, table: ReadMountTable): Check {
  const limits = thresholds(config.fs_inodes, "ratio");

  function judgeOne(fileSystem: FileSystem, usage: FsUsage, previous: Status | null): Result | Skipped {
    const { mountPoint, device, fsType } = fileSystem;
    if (usage.totalInodes === 0)
      return { target: mountPoint, skipped: `${fsType} has no fixed number of inodes` };
    const used = usage.totalInodes - usage.freeInodes;
    const usedRatio = used / usage.totalInodes;
    const readOnly = isReadOnly(fileSystem);
    const left = `${usage.freeInodes} left${readOnly ? " (read-only)" : ""}`;
    return {
      ...identify(fileSystem),
      status: readOnly ? "ok" : judge(usedRatio, limits, previous),
      summary: oneLine(`${mountPoint} uses ${formatRatio(usedRatio)} of its inodes, ${left}`),
      metrics: {
        "fs.inodes_used_ratio": usedRatio,
        "fs.inodes_used": used,
        "fs.inodes_free": usage.freeInodes,
      },
      data: { mountPoint, device, fsType },
    };
  }

  return {
    name: "fs_inodes",
    summary: "Free inodes: without one no file can be made, however much space is left.",
    type: "fs.inodes",
    nature: "measured",
    intervalMs: config.fs_inodes.interval,
    confirmMs: config.fs_inodes.confirm,
    timeoutMs: config.statfs_timeout + CHECK_SLACK_MS,
    async run({ previous }) {
      const mounted = await table();
      if (isSkipped(mounted)) return [mounted];
      const results = await eachUsage(ctx, mounted.fileSystems, config.statfs_timeout, (fileSystem, usage) =>
        judgeOne(fileSystem, usage, previous(fileSystem.mountPoint)),
      );
      return results.map(leaveUnknownToSpace);
    },
  };
}
