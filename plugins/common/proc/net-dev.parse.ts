/** /proc/net/dev: proc_net(5). Counters of each interface since it appeared; 32-bit drivers wrap, a reload starts at 0. */
import { unreadable } from "./text.ts";

export interface InterfaceCounters {
  name: string;
  receiveBytes: number;
  receivePackets: number;
  receiveErrors: number;
  /** Packets the kernel had no room or no use for. */
  receiveDrops: number;
  transmitBytes: number;
  transmitPackets: number;
  transmitErrors: number;
  transmitDrops: number;
}

export function parseNetDev(text: string): InterfaceCounters[] {
  const lines = text.split("\n");
  if (!lines[1]?.includes("|")) throw unreadable("/proc/net/dev", "the two header lines are missing");
  const interfaces: InterfaceCounters[] = [];
  for (const line of lines.slice(2)) {
    if (line.trim() === "") continue;
    // A name may hold a colon (an old alias, eth0:1) and wide counters follow it without a blank.
    const colon = line.lastIndexOf(":");
    const counters = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (colon < 1 || counters.length < 16 || !counters.every(Number.isFinite))
      throw unreadable("/proc/net/dev", `there is a line "${line.slice(0, 40).trim()}"`);
    const [receiveBytes, receivePackets, receiveErrors, receiveDrops] = counters as [
      number,
      number,
      number,
      number,
    ];
    const [transmitBytes, transmitPackets, transmitErrors, transmitDrops] = counters.slice(8) as [
      number,
      number,
      number,
      number,
    ];
    interfaces.push({
      name: line.slice(0, colon).trim(),
      receiveBytes,
      receivePackets,
      receiveErrors,
      receiveDrops,
      transmitBytes,
      transmitPackets,
      transmitErrors,
      transmitDrops,
    });
  }
  return interfaces;
}
