/**
 * proc_fd_limit: processes near their own limit of open files, where accept(2) and open(2) fail with EMFILE.
 *
 * Counting is kept cheap. Since Linux 6.2 the size of the directory /proc/PID/fd is the number of entries, so one stat
 * answers, for processes of others too; older kernels make us list the directory, which only its owner and root may. The
 * limit is read only where the count could matter (`min_fds`): all but a handful of processes stay below.
 */
import { formatRatio, isCortexError, judge, oneLine } from "cortex";
import type { Check, CheckRun, PluginContext, Result, Skipped } from "cortex";
import * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseOpenFilesLimit } from "../common/proc/pid-limits.parse.ts";
import { parseProcessStat } from "../common/proc/pid-stat.parse.ts";
import { listPids, unitOf } from "../common/proc/processes.ts";

export const procFdLimitConfig = section("Processes near their own limit of open files.", {
  ...timing({ interval: "60s", confirm: "1m" }),
  ...limits("ratio", "Open files of one process as a share of its soft limit", {
    warning: 0.85,
    critical: 0.95,
  }),
  min_fds: z
    .number()
    .int()
    .nonnegative()
    .prefault(100)
    .describe("Processes with fewer open files are not compared with their limit, whatever it is."),
}).prefault({});

/**
 * A name that was bad is reported for this long after, also when its process is gone: a problem ends only with good
 * results that last, and the longest clearing back-off is an hour.
 */
const WATCHED_MS = 2 * 3_600_000;

interface OpenFiles {
  pid: string;
  count: number;
}

export interface FdUsage {
  pid: number;
  name: string;
  count: number;
  soft: number;
  hard: number | null;
  ratio: number;
}

/** What `read` says of each process; those that ended meanwhile are left out, those that may not be read are counted. */
async function ofEach<T>(pids: readonly string[], read: (pid: string) => Promise<T>) {
  const found: T[] = [];
  let denied = 0;
  for (const pid of pids) {
    try {
      found.push(await read(pid));
    } catch (error) {
      if (!isCortexError(error)) throw error;
      if (error.code === "fs.denied") denied += 1;
      else if (error.code !== "fs.not_found") throw error;
    }
  }
  return { found, denied };
}

async function countOpenFiles(ctx: PluginContext): Promise<{ found: OpenFiles[]; denied: number }> {
  const pids = await listPids(ctx.fs);
  const bySize = await ofEach(pids, async (pid) => ({
    pid,
    count: (await ctx.fs.stat(`/proc/${pid}/fd`)).sizeBytes,
  }));
  // Sizes are all 0 where the kernel doesn't tell: some process always has a file open.
  if (bySize.found.some(({ count }) => count > 0)) return bySize;
  return ofEach(pids, async (pid) => ({ pid, count: (await ctx.fs.list(`/proc/${pid}/fd`)).length }));
}

/** null when the process has no limit. */
async function usageOf(ctx: PluginContext, pid: string, count: number): Promise<FdUsage | null> {
  const path = `/proc/${pid}/limits`;
  const { soft, hard } = parseOpenFilesLimit(await ctx.fs.readText(path), path);
  if (soft === null || soft === 0) return null;
  const statPath = `/proc/${pid}/stat`;
  const { comm } = parseProcessStat(await ctx.fs.readText(statPath), statPath);
  return { pid: Number(pid), name: oneLine(comm) || "unnamed", count, soft, hard, ratio: count / soft };
}

async function collect(ctx: PluginContext, minFds: number) {
  const { found, denied } = await countOpenFiles(ctx);
  const counts = new Map(found.filter(({ count }) => count >= minFds).map(({ pid, count }) => [pid, count]));
  const many = await ofEach([...counts.keys()], (pid) => usageOf(ctx, pid, counts.get(pid)!));
  return {
    usages: many.found.filter((usage) => usage !== null),
    seen: found.length,
    open: found.reduce((sum, { count }) => sum + count, 0),
    denied: denied + many.denied,
  };
}

/** The worst process of each name: restarts and worker processes then keep one target. */
function worstByName(usages: FdUsage[]): Map<string, FdUsage> {
  const worst = new Map<string, FdUsage>();
  for (const usage of usages)
    if (usage.ratio >= (worst.get(usage.name)?.ratio ?? 0)) worst.set(usage.name, usage);
  return worst;
}

const words = (usage: FdUsage) =>
  `${usage.name} (pid ${usage.pid}) has ${usage.count} of ${usage.soft} files open (${formatRatio(usage.ratio)})`;

export function createProcFdLimit(ctx: PluginContext, config: z.infer<typeof procFdLimitConfig>): Check {
  const limit = thresholds(config, "ratio");
  /** Name → monotonic time at which it was last bad. */
  const watched = new Map<string, number>();

  /** One result per name that is or was bad; healthy ones are only in the host's line. */
  async function judgeName(run: CheckRun, name: string, usage: FdUsage | undefined): Promise<Result | null> {
    const now = ctx.clock.monotonic();
    const previous = run.previous(name);
    const status = usage === undefined ? "ok" : judge(usage.ratio, limit, previous);
    if (status !== "ok" || previous === "warning" || previous === "critical") watched.set(name, now);
    const badAt = watched.get(name);
    if (badAt === undefined) return null;
    if (now - badAt > WATCHED_MS) watched.delete(name);
    if (usage === undefined)
      return { target: name, status, summary: `${name} no longer has many files open` };
    const unit = status === "ok" ? null : await unitOf(ctx.fs, usage.pid);
    return {
      target: name,
      status,
      summary: words(usage),
      metrics: { "process.open_files": usage.count, "process.open_files_ratio": usage.ratio },
      ...(unit !== null && { owner: `unit:${unit}` }),
      ...(status !== "ok" && { data: { ...usage, unit } }),
    };
  }

  return {
    name: "proc_fd_limit",
    summary: "Processes near their own limit of open files",
    type: "process.open_files",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const { usages, seen, open, denied } = await collect(ctx, config.min_fds);
      if (seen === 0 && denied === 0)
        return [{ skipped: "no processes in /proc: the host's /proc is not mounted below host_root" }];
      const byName = worstByName(usages);
      const bad: Result[] = [];
      for (const name of new Set([...byName.keys(), ...watched.keys()])) {
        const result = await judgeName(run, name, byName.get(name));
        if (result !== null) bad.push(result);
      }
      const worst = usages.reduce<FdUsage | null>((a, b) => (a !== null && a.ratio >= b.ratio ? a : b), null);
      const host: Result = {
        target: "host",
        status: "ok",
        summary: `${open} files open in ${seen} process${seen === 1 ? "" : "es"}${worst === null ? "" : `; nearest to its limit: ${words(worst)}`}`,
        metrics: { "processes.open_files": open, "processes.open_files_worst_ratio": worst?.ratio ?? 0 },
      };
      const hidden: Skipped = {
        skipped: `needs root: open files of ${denied} processes of other users can't be counted on this kernel`,
        target: "other users' processes",
      };
      return denied > 0 ? [host, ...bad, hidden] : [host, ...bad];
    },
  };
}
