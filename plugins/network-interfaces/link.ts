/** nic_link: links that were up and are not, links that became slower, bonds that lost a slave. */
import { type Check, formatDuration, type PluginContext, type Result, type Skipped } from "cortex";
import { isSkipped } from "../common/read.ts";
import type { Config } from "./config.ts";
import type { ReadCounters } from "./counters.ts";
import type { createCarriers, createInventory } from "./inventory.ts";
import { type LinkState, readLinkState } from "./link-state.ts";

/** What is remembered of an interface that was up, across restarts. */
interface Memory {
  speedMbit: number | null;
  master: string | null;
  /** What is wrong with it and since when, wall ms; null while all is as before. */
  fault: { kind: Fault; since: number } | null;
}
type Fault = "down" | "off" | "left" | "gone" | "slow";

const keyOf = (name: string) => `nic:${name}`;
const megabit = (speed: number) => (speed % 1000 === 0 ? `${speed / 1000} Gbit/s` : `${speed} Mbit/s`);

/** An interface that was never up has no fault: nobody plugged it in. */
export function faultOf(nic: LinkState, memory: Memory | null): Fault | null {
  if (memory === null) return null;
  if (!nic.up) return nic.enabled ? "down" : "off";
  if (memory.master !== null && nic.master === null) return "left";
  // A bond's speed is the sum of its slaves' and falls with each that is lost.
  if (nic.kind === "bond" || memory.speedMbit === null || nic.speedMbit === null) return null;
  return nic.speedMbit < memory.speedMbit ? "slow" : null;
}

function describe(nic: LinkState, memory: Memory | null, fault: Fault | null): string {
  const speed = nic.speedMbit === null ? "" : ` at ${megabit(nic.speedMbit)}`;
  const master = memory?.master ?? nic.master;
  const role = master === null ? "" : `, a slave of ${master},`;
  switch (fault) {
    case "down":
      return `${nic.name}${role} has lost its link: look at cable, plug and switch port`;
    case "off":
      return `${nic.name}${role} was up and is switched off now`;
    case "left":
      return `${nic.name} is no longer a slave of ${memory!.master}`;
    case "slow":
      return `${nic.name} runs${speed}, before at ${megabit(memory!.speedMbit!)}: look at cable and switch port`;
    default:
      return nic.up
        ? `${nic.name} is up${speed}`
        : `${nic.name} is ${nic.enabled ? "not connected" : "switched off"}`;
  }
}

export function createLinkCheck(
  ctx: PluginContext,
  config: Config["nic_link"],
  read: {
    inventory: ReturnType<typeof createInventory>;
    carriers: ReturnType<typeof createCarriers>;
    counters: ReadCounters;
  },
): Check {
  /** Look at the memory of an interface, bring it up to date, and say what is wrong compared with it. */
  function compare(nic: LinkState): { memory: Memory | null; fault: Fault | null } {
    const before = ctx.store.get<Memory>(keyOf(nic.name));
    const kind = faultOf(nic, before);
    const now = ctx.clock.now();
    const since = before?.fault?.kind === kind ? before!.fault!.since : now;
    if (kind !== null && now - since < config.forget) {
      const memory = { ...before!, fault: { kind, since } };
      save(nic.name, before, memory);
      return { memory, fault: kind === "slow" && now - since < config.slow_confirm ? null : kind };
    }
    const memory = nic.up ? { speedMbit: nic.speedMbit, master: nic.master, fault: null } : null;
    // A link that comes up without telling its speed yet is no reason to forget the speed it had.
    if (memory !== null && memory.speedMbit === null) memory.speedMbit = before?.speedMbit ?? null;
    save(nic.name, before, memory);
    return { memory, fault: null };
  }

  /** Written only when something changed: this runs every few seconds, also on flash. */
  function save(name: string, before: Memory | null, after: Memory | null): void {
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    if (after === null) ctx.store.delete(keyOf(name));
    else ctx.store.set(keyOf(name), after);
  }

  function judge(nic: LinkState, isCarrier: boolean, bondUp: (name: string) => boolean): Result {
    const { memory, fault } = compare(nic);
    const master = memory?.master ?? nic.master;
    const critical = fault === "down" && master === null && !nic.wireless;
    return {
      target: nic.name,
      status: fault === null ? "ok" : critical ? "critical" : "warning",
      summary: describe(nic, memory, fault),
      // A slave is not the network: the bond goes on without it.
      owner: isCarrier && master === null ? "network:default" : `nic:${nic.name}`,
      labels: { kind: nic.kind, ...(nic.wireless && { wireless: "true" }), ...(master && { master }) },
      ...(fault === "slow" && { observe: true }),
      ...(master !== null && !bondUp(master) && { dependsOn: [`nic_link:${master}`] }),
      metrics: {
        "nic.up": nic.up ? 1 : 0,
        ...(nic.speedMbit !== null && { "nic.speed_bytes_per_second": nic.speedMbit * 125_000 }),
      },
    };
  }

  /** Slaves whose hardware is gone from the bus; other interfaces that vanish were unplugged, and turn stale. */
  function goneSlaves(present: Set<string>): Result[] {
    const results: Result[] = [];
    for (const key of ctx.store.keys().filter((name) => name.startsWith("nic:"))) {
      const name = key.slice("nic:".length);
      const before = present.has(name) ? null : ctx.store.get<Memory>(key);
      if (before === null) continue;
      const now = ctx.clock.now();
      const since = before.fault?.kind === "gone" ? before.fault.since : now;
      const memory: Memory | null =
        now - since < config.forget ? { ...before, fault: { kind: "gone", since } } : null;
      save(name, before, memory);
      if (memory === null || memory.master === null) continue;
      results.push({
        target: name,
        status: "warning",
        summary: `${name}, a slave of ${memory.master}, has disappeared ${formatDuration(now - since)} ago`,
        owner: `nic:${name}`,
        labels: { kind: "physical", master: memory.master },
        metrics: { "nic.up": 0 },
      });
    }
    return results;
  }

  return {
    name: "nic_link",
    summary: "Network links that were up and are down, slower, or lost to their bond.",
    type: "nic.link",
    nature: "fact",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(): Promise<(Result | Skipped)[]> {
      const inventory = await read.inventory();
      if (isSkipped(inventory)) return [inventory];
      const [carriers, counters] = [await read.carriers(), await read.counters()];
      const hasBonds = inventory.some(({ kind }) => kind === "bond");
      const links = await Promise.all(inventory.map((nic) => readLinkState(ctx.fs, nic, hasBonds)));
      const states = links.filter((state) => state !== null);
      const up = new Map(states.map((state) => [state.name, state.up]));
      const results = states.map((state) => {
        const result = judge(state, carriers.has(state.name), (name) => up.get(name) ?? false);
        const traffic = isSkipped(counters) ? undefined : counters.get(state.name);
        if (traffic)
          Object.assign(result.metrics!, {
            "nic.receive_bytes_total": traffic.receiveBytes,
            "nic.transmit_bytes_total": traffic.transmitBytes,
            "nic.receive_packets_total": traffic.receivePackets,
            "nic.transmit_packets_total": traffic.transmitPackets,
          });
        return result;
      });
      return [...results, ...goneSlaves(new Set(up.keys()))];
    },
  };
}
