/** nic_errors and nic_drops: what the counters of /proc/net/dev did over a window. */
import {
  type Check,
  formatDuration,
  formatRatio,
  type HostFs,
  judge,
  type PluginContext,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import { thresholds } from "../common/check-config.ts";
import { type InterfaceCounters, parseNetDev } from "../common/proc/net-dev.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { createWindow } from "../common/window.ts";
import type { Config } from "./config.ts";
import type { createInventory, Interface } from "./inventory.ts";

export type ReadCounters = () => Promise<Map<string, InterfaceCounters> | Skipped>;

/** The checks of one tick get the same text, so that it is parsed once for all of them. */
export function createCounters(fs: HostFs): ReadCounters {
  let known: { text: string; counters: Map<string, InterfaceCounters> } | null = null;
  return async () => {
    const text = await readOrSkip(
      fs,
      "/proc/net/dev",
      "no /proc/net/dev: the host's /proc is not mounted below host_root",
    );
    if (isSkipped(text)) return text;
    if (known?.text !== text)
      known = { text, counters: new Map(parseNetDev(text).map((entry) => [entry.name, entry])) };
    return known.counters;
  };
}

/** Bad packets of both directions within the window. */
export interface Share {
  received: number;
  sent: number;
  packets: number;
  /** Of the worse direction, among those with enough packets; 0 when neither has. */
  ratio: number;
  spanMs: number;
}

interface Kind {
  name: "nic_errors" | "nic_drops";
  type: string;
  summary: string;
  words: string;
  received: "receiveErrors" | "receiveDrops";
  sent: "transmitErrors" | "transmitDrops";
  metric: "errors" | "drops";
}

const isReset = (before: InterfaceCounters, after: InterfaceCounters) =>
  after.receivePackets < before.receivePackets ||
  after.transmitPackets < before.transmitPackets ||
  after.receiveErrors < before.receiveErrors ||
  after.transmitErrors < before.transmitErrors ||
  after.receiveDrops < before.receiveDrops ||
  after.transmitDrops < before.transmitDrops;

function shareOf(
  kind: Kind,
  first: InterfaceCounters,
  now: InterfaceCounters,
  spanMs: number,
  minPackets: number,
): Share {
  const receivedPackets = now.receivePackets - first.receivePackets;
  const sentPackets = now.transmitPackets - first.transmitPackets;
  const received = now[kind.received] - first[kind.received];
  const sent = now[kind.sent] - first[kind.sent];
  const ratio = (bad: number, packets: number) => (packets > minPackets ? bad / packets : 0);
  return {
    received,
    sent,
    packets: receivedPackets + sentPackets,
    ratio: Math.max(ratio(received, receivedPackets), ratio(sent, sentPackets)),
    spanMs,
  };
}

function createCounterCheck(
  ctx: PluginContext,
  kind: Kind,
  config: Config["nic_errors"] | Config["nic_drops"],
  read: { inventory: ReturnType<typeof createInventory>; counters: ReadCounters },
  verdict: (nic: Interface, share: Share, previous: Status | null) => Pick<Result, "status" | "observe">,
): Check {
  const windows = new Map<string, ReturnType<typeof createWindow<InterfaceCounters>>>();

  function judgeOne(nic: Interface, counters: InterfaceCounters, previous: Status | null): Result | Skipped {
    const window = windows.get(nic.name) ?? createWindow(config.window, isReset);
    windows.set(nic.name, window);
    const change = window.add(ctx.clock.monotonic(), counters);
    if (change === null) return { target: nic.name, skipped: "first reading: a rate needs two" };
    const share = shareOf(kind, change.first, change.now, change.spanMs, config.min_packets);
    const { received, sent, packets } = share;
    const worse = share.ratio > 0 ? `, ${formatRatio(share.ratio)} in the worse direction` : "";
    return {
      target: nic.name,
      ...verdict(nic, share, previous),
      summary: `${nic.name}: ${received} received and ${sent} sent packets ${kind.words} of ${packets} in ${formatDuration(share.spanMs)}${worse}`,
      owner: `nic:${nic.name}`,
      dependsOn: [`nic_link:${nic.name}`],
      metrics: {
        [`nic.receive_${kind.metric}_total`]: counters[kind.received],
        [`nic.transmit_${kind.metric}_total`]: counters[kind.sent],
        [`nic.${kind.metric}_ratio`]: share.ratio,
      },
    };
  }

  return {
    name: kind.name,
    summary: kind.summary,
    type: kind.type,
    nature: "measured",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    needsTwoReadings: true,
    async run({ previous }) {
      const inventory = await read.inventory();
      if (isSkipped(inventory)) return [inventory];
      const counters = await read.counters();
      if (isSkipped(counters)) return [counters];
      // A bond's counters repeat those of its slaves.
      const hardware = inventory.filter((nic) => nic.kind === "physical" && counters.has(nic.name));
      for (const name of windows.keys()) if (!hardware.some((nic) => nic.name === name)) windows.delete(name);
      if (hardware.length === 0) return [{ skipped: "no network interface here is hardware" }];
      return hardware.map((nic) => judgeOne(nic, counters.get(nic.name)!, previous(nic.name)));
    },
  };
}

type Readers = Parameters<typeof createCounterCheck>[3];

export function createErrorsCheck(ctx: PluginContext, config: Config["nic_errors"], read: Readers): Check {
  const limits = thresholds(config, "ratio");
  const kind: Kind = {
    name: "nic_errors",
    type: "nic.errors",
    summary: "Damaged packets: a bad cable, plug, transceiver or duplex setting.",
    words: "damaged",
    received: "receiveErrors",
    sent: "transmitErrors",
    metric: "errors",
  };
  return createCounterCheck(ctx, kind, config, read, (_, share, previous) => {
    const status = judge(share.ratio, limits, previous);
    if (status !== "ok") return { status };
    return share.received + share.sent >= config.observe_count
      ? { status: "warning", observe: true }
      : { status };
  });
}

export function createDropsCheck(ctx: PluginContext, config: Config["nic_drops"], read: Readers): Check {
  const limits = thresholds(config, "ratio");
  const kind: Kind = {
    name: "nic_drops",
    type: "nic.drops",
    summary: "Dropped packets: no room left in the kernel or the card.",
    words: "dropped",
    received: "receiveDrops",
    sent: "transmitDrops",
    metric: "drops",
  };
  return createCounterCheck(ctx, kind, config, read, (nic, share, previous) => ({
    status: judge(share.ratio, nic.wireless ? { warning: config.wireless_warning_ratio } : limits, previous),
  }));
}
