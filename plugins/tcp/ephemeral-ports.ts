/**
 * ephemeral_ports: local ports left for outgoing connections to one destination; at the end connect(2) fails with
 * EADDRNOTAVAIL.
 *
 * /proc/net/tcp walks the kernel's whole hash table (half a million buckets on a host with 64 GiB) for either address
 * family, so it is not read while all sockets together, by the few bytes of sockstat, can't fill the range.
 */
import { formatRatio, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseTcpSockets } from "../common/proc/net-sockstat.parse.ts";
import { formatAddress } from "../common/proc/net-sockets.parse.ts";
import { parseNumberFile } from "../common/proc/text.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createPortCounter, parsePortRange } from "./tcp.parse.ts";
import type { PortRange, PortUsage, TimeWaitReuse } from "./tcp.parse.ts";

export const ephemeralPortsConfig = section("Ports in use for outgoing connections to one destination.", {
  ...timing({ interval: "30s", confirm: "2m" }),
  ...limits("ratio", "Ports in use towards one destination as a share of the range", {
    warning: 0.7,
    critical: 0.9,
  }),
}).prefault({});

const SYSCTL = "/proc/sys/net/ipv4";

async function readRange(ctx: PluginContext): Promise<PortRange | Skipped> {
  const text = await readOrSkip(ctx.fs, `${SYSCTL}/ip_local_port_range`, "this host has no IPv4 port range");
  if (isSkipped(text)) return text;
  return parsePortRange(text, (await ctx.fs.readTextIfPresent(`${SYSCTL}/ip_local_reserved_ports`)) ?? "");
}

async function readReuse(ctx: PluginContext): Promise<TimeWaitReuse> {
  const path = `${SYSCTL}/tcp_tw_reuse`;
  const text = await ctx.fs.readTextIfPresent(path);
  const value = text === null ? 0 : parseNumberFile(text, path);
  return value === 1 || value === 2 ? value : 0;
}

/** Sockets of both families, TIME_WAIT included: no destination can have more. */
async function countSockets(ctx: PluginContext): Promise<{ all: number; timeWait: number } | Skipped> {
  const path = "/proc/net/sockstat";
  const text = await readOrSkip(ctx.fs, path, `no ${path}: this host has no TCP`);
  if (isSkipped(text)) return text;
  const v4 = parseTcpSockets(text, "TCP", path);
  const text6 = await ctx.fs.readTextIfPresent(`${path}6`);
  const v6 = text6 === null ? null : parseTcpSockets(text6, "TCP6", `${path}6`);
  const timeWait = v4?.timeWait ?? 0;
  return { all: (v4?.inUse ?? 0) + (v6?.inUse ?? 0) + timeWait, timeWait };
}

async function countPorts(ctx: PluginContext, range: PortRange): Promise<PortUsage> {
  const counter = createPortCounter(range, await readReuse(ctx));
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await ctx.fs.readTextIfPresent(path);
    if (text !== null) counter.add(text, path);
  }
  return counter.usage();
}

export function createEphemeralPorts(
  ctx: PluginContext,
  config: z.infer<typeof ephemeralPortsConfig>,
): Check {
  const limit = thresholds(config, "ratio");
  const lowest = Math.min(...Object.values(limit).filter((value) => typeof value === "number"), 1);
  return {
    name: "ephemeral_ports",
    summary: "Ports in use for outgoing connections to one destination",
    type: "tcp.ephemeral_ports",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(run): Promise<(Result | Skipped)[]> {
      const range = await readRange(ctx);
      if (isSkipped(range)) return [range];
      const sockets = await countSockets(ctx);
      if (isSkipped(sockets)) return [sockets];
      const metrics = {
        "tcp.sockets": sockets.all,
        "tcp.time_wait_sockets": sockets.timeWait,
        "tcp.ephemeral_ports_max": range.size,
        "tcp.ephemeral_bound_ratio": sockets.all / range.size,
      };
      // Half of the lowest limit: the share is known, and charted, well before anything is judged by it.
      if (sockets.all / range.size < lowest / 2)
        return [
          {
            target: "host",
            status: "ok",
            summary: `${sockets.all} TCP sockets in all, ${range.size} ports for outgoing connections`,
            metrics,
          },
        ];
      const { ports, worst } = await countPorts(ctx, range);
      const ratio = (worst?.count ?? 0) / range.size;
      const where = worst === null ? "any destination" : `${formatAddress(worst.remote)}:${worst.remotePort}`;
      return [
        {
          target: "host",
          status: judge(ratio, limit, run.previous("host")),
          summary: `${worst?.count ?? 0} of ${range.size} ports in use towards ${where} (${formatRatio(ratio)})`,
          metrics: { ...metrics, "tcp.ephemeral_ports": ports, "tcp.ephemeral_used_ratio": ratio },
          data: { first: range.first, last: range.last, size: range.size },
        },
      ];
    },
  };
}
