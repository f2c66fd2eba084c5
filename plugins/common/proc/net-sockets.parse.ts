/** /proc/net/{tcp,tcp6,udp,udp6}: proc_net(5) and Documentation/networking/proc_net_tcp.rst. */
import { unreadable } from "./text.ts";

/** TCP_LISTEN; an unconnected UDP socket is in TCP_CLOSE. */
const LISTEN = "0A";
const UNCONNECTED = "07";

export interface BoundSocket {
  /** As the kernel prints it, 8 or 32 hexadecimal digits; `formatAddress` makes it readable. */
  addressHex: string;
  port: number;
}

/**
 * TCP sockets that listen, or UDP sockets that take packets from anyone. The kernel lists all listening TCP sockets before
 * the first connection, so that reading stops there: a busy proxy has 100 000 lines after them.
 */
export function parseBoundSockets(text: string, protocol: "tcp" | "udp"): BoundSocket[] {
  const sockets: BoundSocket[] = [];
  let start = text.indexOf("\n") + 1;
  if (start === 0 || !text.slice(0, start).includes("local_address"))
    throw unreadable(`/proc/net/${protocol}`, "the header line is missing");
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() === "") continue;
    const match =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line);
    if (!match) throw unreadable(`/proc/net/${protocol}`, `there is a line "${line.slice(0, 60)}"`);
    const [, addressHex, port, state] = match as unknown as [string, string, string, string];
    if (state !== (protocol === "tcp" ? LISTEN : UNCONNECTED)) {
      if (protocol === "tcp") break;
      continue;
    }
    sockets.push({ addressHex, port: Number.parseInt(port, 16) });
  }
  return sockets;
}

/**
 * "0100007F" → "127.0.0.1", 32 digits → "::1". Each group of eight digits is a 32-bit word in host byte order, which is
 * little-endian on every platform that Cortex is built for. IPv4 mapped into IPv6 comes out as IPv4.
 */
export function formatAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => word.match(/../g)!.reverse());
  const dotted = (quad: string[]) => quad.map((byte) => Number.parseInt(byte, 16)).join(".");
  if (bytes.length === 4) return dotted(bytes);
  if (bytes.slice(0, 12).join("") === "00000000000000000000FFFF") return dotted(bytes.slice(12));
  const groups = bytes.join("").match(/.{4}/g) ?? [];
  return normalizeAddress(groups.join(":"));
}

/** One spelling per address, so that two can be compared: "::FFFF:127.0.0.1" → "127.0.0.1", "0:0::1" → "::1". */
export function normalizeAddress(address: string): string {
  if (!address.includes(":")) return address;
  const url = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`) : null;
  const text = url?.hostname.slice(1, -1) ?? address;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
  if (!mapped) return text;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
