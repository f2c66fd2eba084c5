/** time_sync: is the clock right, and does anybody keep it so? */
import {
  type Check,
  formatDuration,
  oneLine,
  type PluginContext,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import { isContainer } from "../common/container.ts";
import { type ClockReading, createClockSource } from "./sources.ts";

export interface TimeSyncConfig {
  offset_warning: number;
  offset_critical: number;
  max_error: number;
  grace: number;
}

const TARGET = "host";
/** A correction under way makes the offset smaller by more than its noise. */
const SHRINKS = 0.99;

function inWords(seconds: number): string {
  return seconds < 0.0995 ? `${(seconds * 1000).toFixed(2)} ms` : `${seconds.toFixed(2)} s`;
}

/** `before`: the offset at the look before, in seconds; an offset that shrinks is being corrected. */
export function judgeClock(
  reading: ClockReading,
  before: number | null,
  config: TimeSyncConfig,
): { status: Status; summary: string } {
  const { offsetSeconds: offset, maxErrorSeconds: maxError, source } = reading;
  const off = offset === null ? "" : `the clock is ${inWords(offset)} off`;
  if (offset !== null && offset * 1000 > config.offset_critical)
    return { status: "critical", summary: `${off} (${source})` };
  const lost = maxError !== null && maxError * 1000 >= config.max_error;
  if (!reading.synced || lost) {
    const why = lost ? `nobody has corrected it for long, it may be ${inWords(maxError)} off` : reading.fault;
    return { status: "warning", summary: `the clock is not synchronised: ${why} (${source})` };
  }
  const shrinks = before !== null && offset !== null && offset < before * SHRINKS;
  if (offset !== null && offset * 1000 > config.offset_warning)
    return shrinks
      ? { status: "ok", summary: `${off} and being corrected (${source})` }
      : { status: "warning", summary: `${off} and not getting closer (${source})` };
  return {
    status: "ok",
    summary: off === "" ? `the clock is synchronised (${source})` : `${off} (${source})`,
  };
}

export function createTimeSyncCheck(ctx: PluginContext, config: TimeSyncConfig): Check {
  const read = createClockSource(ctx);
  let before: number | null = null;
  return {
    name: "time_sync",
    summary: "A clock that is wrong, or that nobody keeps right.",
    type: "time.sync",
    nature: "measured",
    intervalMs: 60_000,
    confirmMs: 600_000,
    ownGrace: true,
    async run({ signal }): Promise<(Result | Skipped)[]> {
      if (await isContainer(ctx.fs)) return [{ skipped: "in a container, where the clock is the host's" }];
      const reading = await read(signal);
      if (reading === null)
        return [{ skipped: "neither chronyd nor systemd is here to tell about the clock" }];
      const { status, summary } = judgeClock(reading, before, config);
      before = reading.offsetSeconds;
      const uptime = ctx.node.uptimeMs();
      if (status !== "ok" && uptime < config.grace) {
        const wait = `judged from ${formatDuration(config.grace)} after boot on`;
        return [{ target: TARGET, skipped: oneLine(`${wait}: ${summary}`) }];
      }
      return [
        {
          target: TARGET,
          status,
          summary: oneLine(summary),
          ...(reading.owner !== null && { owner: reading.owner }),
          dependsOn: ["network:default"],
          metrics: {
            "time.synced": reading.synced ? 1 : 0,
            ...(reading.offsetSeconds !== null && { "time.offset_seconds": reading.offsetSeconds }),
            ...(reading.maxErrorSeconds !== null && { "time.max_error_seconds": reading.maxErrorSeconds }),
          },
        },
      ];
    },
  };
}
