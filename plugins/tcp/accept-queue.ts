/** accept_queue: connections that the kernel drops because a program does not accept them fast enough. */
import { duration, judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parseProtocol } from "../common/proc/net-netstat.parse.ts";
import { formatAddress } from "../common/proc/net-sockets.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createWindow } from "../common/window.ts";
import { parseWaitingListeners } from "./tcp.parse.ts";
import type { Listener } from "./tcp.parse.ts";

export const acceptQueueConfig = section("Connections dropped because a program does not accept them.", {
  ...timing({ interval: "15s", confirm: "1m" }),
  window: duration("1m").describe("The rate is taken over this time."),
  ...limits("per_second", "Connections dropped by listeners per second", { warning: 1, critical: 5 }),
}).prefault({});

const PATH = "/proc/net/netstat";
const SECOND_MS = 1000;

interface Counters {
  overflows: number;
  drops: number;
}

/** Both address families, mapped to what a person can look for; only asked while connections are being dropped. */
async function waitingListeners(ctx: PluginContext): Promise<Listener[]> {
  const found: Listener[] = [];
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await ctx.fs.readTextIfPresent(path);
    if (text !== null) found.push(...parseWaitingListeners(text, path));
  }
  return found
    .sort((a, b) => b.waiting - a.waiting)
    .slice(0, 5)
    .map((listener) => ({ ...listener, address: formatAddress(listener.address) }));
}

const named = (listeners: Listener[]) =>
  listeners.length === 0
    ? ""
    : `; waiting to be accepted: ${listeners.map(({ port, waiting }) => `${waiting} on port ${port}`).join(", ")}`;

export function createAcceptQueue(ctx: PluginContext, config: z.infer<typeof acceptQueueConfig>): Check {
  const limit = thresholds(config, "per_second");
  const window = createWindow<Counters>(config.window, (before, after) => after.drops < before.drops);
  return {
    name: "accept_queue",
    summary: "Connections dropped because a program does not accept them",
    type: "tcp.accept_queue",
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    needsTwoReadings: true,
    async run(run): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(ctx.fs, PATH, `no ${PATH}: this host has no TCP`);
      if (isSkipped(text)) return [text];
      const counters = parseProtocol(text, "TcpExt", PATH);
      if (counters === null) return [{ skipped: `${PATH} has no TcpExt counters` }];
      const overflows = counters.get("ListenOverflows") ?? 0;
      // Every overflow is a drop as well; the other drops are for want of memory or a route.
      const drops = Math.max(overflows, counters.get("ListenDrops") ?? 0);
      const change = window.add(ctx.clock.monotonic(), { overflows, drops });
      if (change === null) return [{ skipped: "first reading: a rate needs two" }];
      // Less than a second says nothing about drops per second: one drop in 200 ms is not five a second.
      const perSecond = ((drops - change.first.drops) * SECOND_MS) / Math.max(SECOND_MS, change.spanMs);
      const status = judge(perSecond, limit, run.previous("host"));
      const listeners = status === "ok" ? [] : await waitingListeners(ctx);
      return [
        {
          target: "host",
          status,
          summary: `listeners dropped ${perSecond.toFixed(1)} connections per second${named(listeners)}`,
          metrics: {
            "tcp.listen_overflows_total": overflows,
            "tcp.listen_drops_total": drops,
            "tcp.listen_drops_per_second": perSecond,
          },
          ...(listeners.length > 0 && { data: { listeners } }),
        },
      ];
    },
  };
}
