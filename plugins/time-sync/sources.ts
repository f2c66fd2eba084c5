/** Who knows about the clock: chronyd, systemd-timesyncd, or the kernel by way of timedatectl. */
import { isCortexError, type PluginContext } from "cortex";
import { firstLine, isSystemdRunning } from "../common/systemd-unit.ts";
import { parseTimedate, parseTimesyncStatus, parseTracking } from "./time-sync.parse.ts";

export interface ClockReading {
  synced: boolean;
  /** Without sign; null when the source does not tell. */
  offsetSeconds: number | null;
  maxErrorSeconds: number | null;
  /** Who says so, for people: "chronyd, 192.168.1.1". */
  source: string;
  /** Unit of the time daemon. */
  owner: string | null;
  /** What is wrong when it is not synced. */
  fault: string;
}

const SYNCED_FILE = "/run/systemd/timesync/synchronized";
/** The kernel's own estimate of a clock that nobody corrects (MAXFREQ of the NTP code): half a second in 1000. */
const DRIFT = 500e-6;
/**
 * Asking timedatectl about the kernel starts systemd-timedated, which writes to the journal each time. The clock of a host
 * without chronyd and timesyncd is therefore looked at less often.
 */
const SHOW_EVERY_MS = 600_000;

/** Debian calls its unit chrony.service, all others chronyd.service. */
async function chronyUnit(ctx: PluginContext): Promise<string> {
  const debian = await ctx.fs.exists("/usr/lib/systemd/system/chrony.service");
  return debian ? "unit:chrony.service" : "unit:chronyd.service";
}

async function askChrony(ctx: PluginContext, signal: AbortSignal): Promise<ClockReading | null> {
  if (ctx.exec.which("chronyc") === null) return null;
  const owner = await chronyUnit(ctx);
  // -n: servers as addresses, because looking up their names would need the network.
  const result = await ctx.exec.run(["chronyc", "-n", "-c", "tracking"], { timeoutMs: 5000, signal });
  if (result.exitCode !== 0) {
    const fault = `chronyd does not answer (${firstLine(result)})`;
    return { synced: false, offsetSeconds: null, maxErrorSeconds: null, source: "chronyd", owner, fault };
  }
  const { synced, offsetSeconds, maxErrorSeconds, server } = parseTracking(result.stdout);
  const source = server === "" ? "chronyd" : `chronyd, ${server}`;
  return { synced, offsetSeconds, maxErrorSeconds, source, owner, fault: "chronyd has no usable server" };
}

async function askTimesyncd(ctx: PluginContext, signal: AbortSignal): Promise<ClockReading | null> {
  if (!(await ctx.fs.exists("/run/systemd/timesync"))) return null;
  const owner = "unit:systemd-timesyncd.service";
  const touched = await ctx.fs.stat(SYNCED_FILE).then(
    ({ modifiedAt }) => modifiedAt,
    (error: unknown) => {
      if (isCortexError(error) && error.code === "fs.not_found") return null;
      throw error;
    },
  );
  // Touched at each synchronisation, at most 34 minutes apart.
  const maxErrorSeconds = touched === null ? null : (Math.max(0, ctx.clock.now() - touched) / 1000) * DRIFT;
  const fault =
    touched === null ? "no server has answered since the start" : "no server has answered for hours";
  const reading = { synced: touched !== null, offsetSeconds: null, maxErrorSeconds, owner, fault };
  if (ctx.exec.which("timedatectl") === null) return { ...reading, source: "systemd-timesyncd" };
  const result = await ctx.exec.run(["timedatectl", "timesync-status", "--no-pager"], {
    timeoutMs: 5000,
    signal,
  });
  if (result.exitCode !== 0)
    return { ...reading, synced: false, source: "systemd-timesyncd", fault: firstLine(result) };
  const { server, offsetSeconds } = parseTimesyncStatus(result.stdout);
  const source = server === null ? "systemd-timesyncd" : `systemd-timesyncd, ${server}`;
  return { ...reading, offsetSeconds, source };
}

async function askKernel(ctx: PluginContext, signal: AbortSignal): Promise<ClockReading | null> {
  if (ctx.exec.which("timedatectl") === null || !(await isSystemdRunning(ctx.fs))) return null;
  const result = await ctx.exec.run(["timedatectl", "show", "--no-pager"], { timeoutMs: 5000, signal });
  if (result.exitCode !== 0) return null;
  const { synced, enabled } = parseTimedate(result.stdout);
  const fault = enabled
    ? "the time daemon has no usable server"
    : "no time daemon is switched on: run timedatectl set-ntp true";
  return { synced, offsetSeconds: null, maxErrorSeconds: null, source: "the kernel", owner: null, fault };
}

/** null when nobody here knows. A stopped chronyd counts only when no other daemon does its work. */
export function createClockSource(ctx: PluginContext): (signal: AbortSignal) => Promise<ClockReading | null> {
  let kernel: { at: number; reading: ClockReading | null } | null = null;
  return async (signal) => {
    const chrony = await askChrony(ctx, signal);
    if (chrony !== null && (chrony.synced || chrony.offsetSeconds !== null)) return chrony;
    const timesyncd = await askTimesyncd(ctx, signal);
    if (timesyncd !== null) return timesyncd;
    if (chrony !== null) return chrony;
    const now = ctx.clock.monotonic();
    if (kernel === null || now - kernel.at >= SHOW_EVERY_MS)
      kernel = { at: now, reading: await askKernel(ctx, signal) };
    return kernel.reading;
  };
}
