/**
 * oom_kill: how often the kernel killed a process for want of memory. The kernel counts since boot only, so the times are
 * ours; they are kept in the store, because Cortex may be restarted (or killed) by the very same event.
 */
import { duration, formatDuration } from "cortex";
import type { Check, CheckRun, PluginContext, Result, Skipped, Status } from "cortex";
import * as z from "zod";
import { section, timing } from "../common/check-config.ts";
import { parseVmStat } from "../common/proc/vmstat.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { parseOomVictims } from "./oom-kill.parse.ts";
import type { OomVictim } from "./oom-kill.parse.ts";

const kills = (fallback: number) => z.number().int().positive().prefault(fallback);

export const oomKillConfig = section("Processes that the kernel killed for want of memory.", {
  ...timing({ interval: "15s", confirm: "0s" }),
  warning_kills: kills(1).describe("Kills within warning_window that are a warning."),
  warning_window: duration("30m").describe("Time over which kills are counted for a warning."),
  critical_kills: kills(3).describe("Kills within critical_window that are critical."),
  critical_window: duration("6h").describe("Time over which kills are counted for a critical state."),
}).prefault({});
type Config = z.infer<typeof oomKillConfig>;

interface OomEvent {
  /** Monotonic milliseconds of this boot. */
  at: number;
  kills: number;
  victims: OomVictim[];
}

interface Seen {
  bootId: string;
  /** The kernel's counter when last looked at. */
  total: number;
  events: OomEvent[];
}

const STORE_KEY = "oom_kill";
const JOURNAL = ["journalctl", "--dmesg", "--boot", "--output=cat", "--no-pager", "--lines=500"];

/** Names of those killed last, from the kernel's log; none where there is no journal or it may not be read. */
async function findVictims(ctx: PluginContext, run: CheckRun, count: number): Promise<OomVictim[]> {
  if (ctx.exec.which("journalctl") === null) return [];
  try {
    const answer = await ctx.exec.run(JOURNAL, { timeoutMs: 3000, signal: run.signal });
    return parseOomVictims(answer.stdout).slice(-Math.min(count, 10));
  } catch (error) {
    run.log.debug("the kernel log can't be asked for who was killed", { error: String(error) });
    return [];
  }
}

/**
 * What was known before this reading. Kills counted while Cortex was not looking are news and are dated "now"; those
 * of a boot that Cortex sees for the first time ever are at most as old as the boot, which is all that is certain.
 */
function recall(ctx: PluginContext, total: number, now: number): Seen {
  const { bootId } = ctx.node;
  const stored = ctx.store.get<Seen>(STORE_KEY);
  if (stored?.bootId === bootId && stored.total <= total) return stored;
  if (stored !== null) return { bootId, total: 0, events: [] };
  const atBoot = { at: now - ctx.node.uptimeMs(), kills: total, victims: [] };
  return { bootId, total, events: total > 0 ? [atBoot] : [] };
}

function judgeKills(events: OomEvent[], now: number, config: Config): { status: Status; recent: OomEvent[] } {
  const within = (windowMs: number) => events.filter((event) => now - event.at < windowMs);
  const count = (list: OomEvent[]) => list.reduce((sum, event) => sum + event.kills, 0);
  const long = within(config.critical_window);
  if (count(long) >= config.critical_kills) return { status: "critical", recent: long };
  const short = within(config.warning_window);
  return { status: count(short) >= config.warning_kills ? "warning" : "ok", recent: short };
}

function describeKills(status: Status, recent: OomEvent[], total: number, config: Config): string {
  if (status === "ok") return `no process was killed for want of memory lately, ${total} since boot`;
  const count = recent.reduce((sum, event) => sum + event.kills, 0);
  const window = status === "critical" ? config.critical_window : config.warning_window;
  const names = recent
    .flatMap((event) => event.victims)
    .map(({ name, pid, unit }) => `${name} (pid ${pid}${unit === null ? "" : `, ${unit}`})`);
  return (
    `the kernel killed ${count} process${count === 1 ? "" : "es"} for want of memory ` +
    `in the last ${formatDuration(window)}${names.length > 0 ? `: ${names.slice(-5).join(", ")}` : ""}`
  );
}

/** The unit that all victims belong to; undefined when unknown or more than one. */
function ownerOf(recent: OomEvent[]): string | undefined {
  const units = new Set(recent.flatMap((event) => event.victims).map((victim) => victim.unit));
  const [unit] = units;
  return units.size === 1 && unit ? `unit:${unit}` : undefined;
}

export function createOomKill(ctx: PluginContext, config: Config): Check {
  const keptMs = Math.max(config.warning_window, config.critical_window);
  let seen: Seen | null = null;

  /** Take the counter in; written to disk only when it moved. */
  async function update(run: CheckRun, total: number, now: number): Promise<Seen> {
    const before = seen ?? recall(ctx, total, now);
    const isNew = total - before.total;
    if (seen !== null && isNew === 0) return seen;
    const events = before.events.filter((event) => now - event.at < keptMs);
    if (isNew > 0) events.push({ at: now, kills: isNew, victims: await findVictims(ctx, run, isNew) });
    const after = { bootId: ctx.node.bootId, total, events };
    if (!run.oneShot) ctx.store.set(STORE_KEY, after);
    seen = after;
    return after;
  }

  return {
    name: "oom_kill",
    summary: "Processes that the kernel killed for want of memory",
    type: "memory.oom",
    nature: "fact",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(
        ctx.fs,
        "/proc/vmstat",
        "no /proc/vmstat: the host's /proc is not mounted below host_root",
      );
      if (isSkipped(text)) return [text];
      const total = parseVmStat(text).oomKills;
      if (total === null)
        return [{ skipped: "kernel does not count OOM kills in /proc/vmstat (Linux before 4.13)" }];
      const now = ctx.clock.monotonic();
      const { events } = await update(run, total, now);
      const { status, recent } = judgeKills(events, now, config);
      return [
        {
          target: "host",
          status,
          summary: describeKills(status, recent, total, config),
          metrics: { "memory.oom_kills_total": total },
          ...(status !== "ok" && {
            owner: ownerOf(recent),
            data: { victims: recent.flatMap((event) => event.victims) },
          }),
        },
      ];
    },
  };
}
