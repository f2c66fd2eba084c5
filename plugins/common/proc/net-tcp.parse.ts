/** /proc/net/tcp and tcp6 (kernel doc networking/proc_net_tcp.rst): one line per socket of this network namespace. */
import { unreadable } from "./text.ts";

export const TCP_STATE = { established: 0x01, timeWait: 0x06, listen: 0x0a } as const;

export interface TcpSocket {
  /** Hexadecimal as the kernel prints it; IPv4-mapped addresses are given as IPv4. See `formatAddress` in net-sockets.parse.ts. */
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  state: number;
  /** Bytes not read yet; for a listener the connections that wait to be accepted. */
  receiveQueue: number;
}

const MAPPED = "0000000000000000FFFF0000";
const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]{8}:([0-9A-F]{8}) /;

const plain = (address: string) => (address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address);

/** Calls `visit` for each socket; nothing is kept, because a busy proxy has 60,000 of them. */
export function forEachTcpSocket(text: string, path: string, visit: (socket: TcpSocket) => void): void {
  let start = text.indexOf("\n") + 1;
  if (!text.slice(0, start === 0 ? undefined : start).includes("local_address"))
    throw unreadable(path, "the heading is missing");
  while (start > 0 && start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? text.length : end);
    start = end + 1;
    const match = LINE.exec(line);
    if (match === null) throw unreadable(path, `there is a line "${line.slice(0, 60)}"`);
    visit({
      localAddress: plain(match[1]!),
      localPort: parseInt(match[2]!, 16),
      remoteAddress: plain(match[3]!),
      remotePort: parseInt(match[4]!, 16),
      state: parseInt(match[5]!, 16),
      receiveQueue: parseInt(match[6]!, 16),
    });
  }
}

/** Loopback, 127.0.0.0/8 or ::1. */
export const isLoopback = (address: string): boolean =>
  address.length === 8 ? address.endsWith("7F") : address === "00000000000000000000000001000000";
