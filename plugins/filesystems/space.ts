import { type Check, type FsUsage, oneLine, type PluginContext, type Result, type Status } from "cortex";
import { isSkipped } from "../common/read.ts";
import type { Config } from "./config.ts";
import { describeSpace, judgeSpace, spaceOf } from "./judge.ts";
import type { ReadMountTable } from "./mount-table.ts";
import type { FileSystem } from "./select.ts";
import { fullAfter, remember, type Sample } from "./trend.ts";
import { CHECK_SLACK_MS, eachUsage, identify, isReadOnly } from "./usage.ts";

export function createSpaceCheck(ctx: PluginContext, config: Config, table: ReadMountTable): Check {
  const limits = config.fs_space;
  const history = new Map<string, Sample[]>();

  function forecast(mountPoint: string, usedBytes: number, freeBytes: number): number | null {
    const samples = history.get(mountPoint) ?? [];
    history.set(mountPoint, samples);
    remember(samples, { at: ctx.clock.monotonic(), usedBytes }, limits.trend_window);
    return fullAfter(samples, freeBytes, limits.trend_recent);
  }

  function judgeOne(fileSystem: FileSystem, usage: FsUsage, previous: Status | null): Result | null {
    const { mountPoint, device, fsType } = fileSystem;
    if (usage.totalBytes === 0) return null;
    const now = spaceOf(usage);
    const space = { ...now, fullInMs: forecast(mountPoint, now.usedBytes, now.freeBytes) };
    const readOnly = isReadOnly(fileSystem);
    return {
      ...identify(fileSystem),
      status: readOnly ? "ok" : judgeSpace(space, limits, previous),
      summary: oneLine(`${mountPoint} is ${describeSpace(space)}${readOnly ? " (read-only)" : ""}`),
      metrics: {
        "fs.used_ratio": space.usedRatio,
        "fs.used_bytes": space.usedBytes,
        "fs.free_bytes": space.freeBytes,
        "fs.size_bytes": space.sizeBytes,
        ...(space.fullInMs !== null && { "fs.full_seconds": Math.round(space.fullInMs / 1000) }),
      },
      data: { mountPoint, device, fsType, totalBytes: space.sizeBytes, freeBytes: space.freeBytes },
    };
  }

  return {
    name: "fs_space",
    summary: "Free space of mounted file systems, with a forecast from their own growth.",
    type: "fs.space",
    nature: "measured",
    intervalMs: limits.interval,
    confirmMs: limits.confirm,
    timeoutMs: config.statfs_timeout + CHECK_SLACK_MS,
    async run({ previous }) {
      const mounted = await table();
      if (isSkipped(mounted)) return [mounted];
      const present = new Set(mounted.fileSystems.map(({ mountPoint }) => mountPoint));
      for (const mountPoint of history.keys()) if (!present.has(mountPoint)) history.delete(mountPoint);
      return eachUsage(ctx, mounted.fileSystems, config.statfs_timeout, (fileSystem, usage) =>
        judgeOne(fileSystem, usage, previous(fileSystem.mountPoint)),
      );
    },
  };
}
