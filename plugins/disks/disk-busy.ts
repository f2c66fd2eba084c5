/**
 * disk_busy: three signals per disk, each a target of its own because each has its own confirm time: `sda` is the queue,
 * `sda:util` the share of busy time, `sda:await` the time that a request takes.
 */
import { duration, formatBytes, formatRatio, judge } from "cortex";
import type { Check, CheckRun, PluginContext, Result, Skipped, Thresholds } from "cortex";
import * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseDiskStats, wholeDisks } from "../common/proc/diskstats.parse.ts";
import type { DiskStat } from "../common/proc/diskstats.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createWindow } from "../common/window.ts";
import type { CounterWindow } from "../common/window.ts";
import { activity, isReset, parseRebuildingMembers } from "./disks.parse.ts";
import type { DiskActivity } from "./disks.parse.ts";

const SIGNALS = ["queue", "util", "await"] as const;

export const diskBusyConfig = section("Queue, busy time and waiting time of each disk.", {
  ...timing({ interval: "15s", confirm: "30m" }),
  util_confirm: duration("10m").describe("How long a disk must be busy to become a problem."),
  await_confirm: duration("15m").describe("How long requests must take long to become a problem."),
  window: duration("5m").describe("Means are taken over this time."),
  ...limits("requests", "Mean length of a disk's queue", { warning: 10, clearWarning: 7 }),
  ...limits("util_ratio", "Share of time in which a disk had requests open", {
    warning: 0.98,
    clearWarning: 0.69,
  }),
  ...limits("await_seconds", "Mean time that a request takes", { warning: 0.02 }),
  await_min_requests: z
    .number()
    .int()
    .positive()
    .prefault(300)
    .describe("Fewer requests than this within the window say nothing about how long they take."),
  observe: z
    .array(z.enum(SIGNALS))
    .prefault(["util", "await"])
    .describe("Signals that are shown and recorded but never told to anybody."),
  ignore: z
    .array(z.string().min(1))
    .prefault(["loop", "ram", "zram", "sr", "fd", "dm-", "md"])
    .describe("Devices whose names begin so; dm and md lie on disks that are looked at themselves."),
}).prefault({});
type Config = z.infer<typeof diskBusyConfig>;

const isAsked = (disk: DiskStat, config: Config) =>
  // A device without a single request since boot is an empty drive.
  disk.reads + disk.writes > 0 && !config.ignore.some((prefix) => disk.name.startsWith(prefix));

function metricsOf(now: DiskActivity, disk: DiskStat): Record<string, number> {
  return {
    "disk.queue_requests": now.queue,
    "disk.busy_ratio": now.busyRatio,
    "disk.await_seconds": now.awaitSeconds,
    "disk.read_await_seconds": now.readAwaitSeconds,
    "disk.write_await_seconds": now.writeAwaitSeconds,
    "disk.read_bytes_per_second": now.readBytesPerSecond,
    "disk.write_bytes_per_second": now.writeBytesPerSecond,
    "disk.reads_per_second": now.readsPerSecond,
    "disk.writes_per_second": now.writesPerSecond,
    "disk.in_flight_requests": disk.inFlight,
    "disk.read_bytes_total": disk.readBytes,
    "disk.written_bytes_total": disk.writtenBytes,
  };
}

const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`;

export function createDiskBusy(ctx: PluginContext, config: Config): Check {
  const windows = new Map<string, CounterWindow<DiskStat>>();
  const limit: Record<(typeof SIGNALS)[number], Thresholds> = {
    queue: thresholds(config, "requests"),
    util: thresholds(config, "util_ratio"),
    await: thresholds(config, "await_seconds"),
  };
  const windowOf = (name: string) => {
    const known = windows.get(name) ?? createWindow<DiskStat>(config.window, isReset);
    windows.set(name, known);
    return known;
  };

  function judgeDisk(run: CheckRun, disk: DiskStat, rebuilding: boolean): Result[] {
    const change = windowOf(disk.name).add(ctx.clock.monotonic(), disk);
    if (change === null) return [];
    const mean = activity(change.first, change.now, change.spanMs);
    const now = activity(change.last, change.now, change.lastSpanMs);
    const why = rebuilding ? ", while its array is being rebuilt or checked" : "";
    const result = (
      signal: (typeof SIGNALS)[number],
      target: string,
      value: number,
      summary: string,
    ): Result => ({
      target,
      status: judge(value, limit[signal], run.previous(target)),
      summary: `${summary}${why}`,
      labels: { device: disk.name },
      observe: rebuilding || config.observe.includes(signal),
    });
    const slow = mean.requests >= config.await_min_requests ? mean.awaitSeconds : 0;
    return [
      {
        ...result(
          "queue",
          disk.name,
          mean.queue,
          `${disk.name} has ${mean.queue.toFixed(1)} requests queued, reads ${formatBytes(Math.round(now.readBytesPerSecond))}/s, ` +
            `writes ${formatBytes(Math.round(now.writeBytesPerSecond))}/s`,
        ),
        metrics: metricsOf(now, disk),
      },
      {
        ...result(
          "util",
          `${disk.name}:util`,
          mean.busyRatio,
          `${disk.name} is busy ${formatRatio(mean.busyRatio)}`,
        ),
        confirmMs: config.util_confirm,
      },
      {
        ...result(
          "await",
          `${disk.name}:await`,
          slow,
          `${mean.requests} requests to ${disk.name} took ${milliseconds(mean.awaitSeconds)} each`,
        ),
        confirmMs: config.await_confirm,
      },
    ];
  }

  return {
    name: "disk_busy",
    summary: "Queue, busy time and waiting time of each disk",
    type: "disk.busy",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    needsTwoReadings: true,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(
        ctx.fs,
        "/proc/diskstats",
        "no /proc/diskstats: this kernel has no block devices",
      );
      if (isSkipped(text)) return [text];
      const disks = wholeDisks(parseDiskStats(text)).filter((disk) => isAsked(disk, config));
      if (disks.length === 0) return [{ skipped: "no disk in /proc/diskstats has had a request since boot" }];
      for (const name of windows.keys()) if (!disks.some((disk) => disk.name === name)) windows.delete(name);
      const mdstat = await ctx.fs.readTextIfPresent("/proc/mdstat");
      const members = mdstat === null ? [] : parseRebuildingMembers(mdstat);
      const isMember = (disk: DiskStat) =>
        members.some(
          (member) =>
            member === disk.name ||
            (/^p?\d+$/.test(member.slice(disk.name.length)) && member.startsWith(disk.name)),
        );
      const results = disks.flatMap((disk) => judgeDisk(run, disk, isMember(disk)));
      return results.length > 0 ? results : [{ skipped: "first reading: a rate needs two" }];
    },
  };
}
