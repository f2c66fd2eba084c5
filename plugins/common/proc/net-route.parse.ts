/** /proc/net/route and /proc/net/ipv6_route: the routing tables, addresses as hexadecimal digits. */
import { unreadable } from "./text.ts";

/** RTF_UP and RTF_REJECT of linux/route.h. */
const UP = 0x0001;
const REJECT = 0x0200;

const usable = (flags: number) => (flags & UP) !== 0 && (flags & REJECT) === 0;

/** Interfaces that carry an IPv4 default route, each once. */
export function parseDefaultRoutes(text: string): string[] {
  // Before the first route there is no table, and the file is empty without even its header (fib_route_seq_start).
  if (text === "") return [];
  const [header, ...lines] = text.split("\n");
  if (!header?.startsWith("Iface")) throw unreadable("/proc/net/route", "the header line is missing");
  const names = new Set<string>();
  for (const line of lines) {
    if (line.trim() === "") continue;
    const [name, destination, , flags, , , , mask] = line.trim().split(/\s+/);
    const bits = Number.parseInt(flags ?? "", 16);
    if (mask === undefined || Number.isNaN(bits))
      throw unreadable("/proc/net/route", `there is a line "${line.slice(0, 60)}"`);
    if (destination === "00000000" && mask === "00000000" && usable(bits)) names.add(name!);
  }
  return [...names];
}

/** The same for IPv6; that file has no header, and always a rejecting default route on `lo`. */
export function parseDefaultRoutes6(text: string): string[] {
  const names = new Set<string>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [destination, prefix, , , , , , , flags, name] = line.trim().split(/\s+/);
    const bits = Number.parseInt(flags ?? "", 16);
    if (name === undefined || Number.isNaN(bits))
      throw unreadable("/proc/net/ipv6_route", `there is a line "${line.slice(0, 60)}"`);
    if (/^0{32}$/.test(destination!) && prefix === "00" && usable(bits)) names.add(name);
  }
  return [...names];
}
