/** Port range and reserved ports of outgoing connections (kernel doc networking/ip-sysctl.rst), and who uses them. */
import { forEachTcpSocket, isLoopback, TCP_STATE } from "../common/proc/net-tcp.parse.ts";
import type { TcpSocket } from "../common/proc/net-tcp.parse.ts";
import { toCount, unreadable, words } from "../common/proc/text.ts";

export interface PortRange {
  first: number;
  last: number;
  /** Ports that the kernel gives away by itself: the range without the reserved ones. */
  size: number;
}

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
const RESERVED = "/proc/sys/net/ipv4/ip_local_reserved_ports";

/** `32768	60999`, and reserved ports as `8080,9148-9150` or an empty line. */
export function parsePortRange(text: string, reservedText: string): PortRange {
  const [from, to] = words(text);
  const [first, last] = [toCount(from, RANGE, "the first port"), toCount(to, RANGE, "the last port")];
  if (last < first || last > 65_535) throw unreadable(RANGE, `${first} to ${last} is no range of ports`);
  const reserved = new Set<number>();
  for (const part of reservedText.trim().split(",").filter(Boolean)) {
    const [start, end = start] = part.split("-");
    const stop = Math.min(toCount(end, RESERVED, "a port"), last);
    for (let port = Math.max(toCount(start, RESERVED, "a port"), first); port <= stop; port += 1)
      reserved.add(port);
  }
  return { first, last, size: Math.max(1, last - first + 1 - reserved.size) };
}

/**
 * Which TIME_WAIT sockets a new connection may take over (`tcp_tw_reuse`): 0 none, 1 all, 2 those to loopback addresses,
 * the default since Linux 4.19.
 */
export type TimeWaitReuse = 0 | 1 | 2;

export interface PortUsage {
  /** Distinct local ports of the range that outgoing connections hold. */
  ports: number;
  /** The destination with most connections from one local address; null when there are none. */
  worst: { local: string; remote: string; remotePort: number; count: number } | null;
}

/**
 * Counts outgoing connections by what makes ports run out: connect(2) may give the same local port to connections with
 * different destinations, so the range is exhausted per local address, remote address and remote port.
 */
export function createPortCounter(range: PortRange, reuse: TimeWaitReuse) {
  const listening = new Set<number>();
  const ports = new Set<number>();
  const destinations = new Map<string, { socket: TcpSocket; count: number }>();
  const isFree = (socket: TcpSocket) =>
    socket.state === TCP_STATE.timeWait && (reuse === 1 || (reuse === 2 && isLoopback(socket.remoteAddress)));
  return {
    /** The listeners come first in the file, so that their incoming connections are known as such. */
    add(text: string, path: string): void {
      forEachTcpSocket(text, path, (socket) => {
        const { localPort } = socket;
        if (socket.state === TCP_STATE.listen) listening.add(localPort);
        if (localPort < range.first || localPort > range.last) return;
        if (listening.has(localPort) || isFree(socket)) return;
        ports.add(localPort);
        const key = `${socket.localAddress} ${socket.remoteAddress} ${socket.remotePort}`;
        const known = destinations.get(key);
        if (known === undefined) destinations.set(key, { socket, count: 1 });
        else known.count += 1;
      });
    },
    usage(): PortUsage {
      let worst: { socket: TcpSocket; count: number } | null = null;
      for (const entry of destinations.values()) if (entry.count > (worst?.count ?? 0)) worst = entry;
      if (worst === null) return { ports: ports.size, worst: null };
      const { localAddress: local, remoteAddress: remote, remotePort } = worst.socket;
      return { ports: ports.size, worst: { local, remote, remotePort, count: worst.count } };
    },
  };
}

export interface Listener {
  address: string;
  port: number;
  /** Connections that the kernel took and the program did not accept yet. */
  waiting: number;
}

/** Listeners with connections waiting, fullest first. */
export function parseWaitingListeners(text: string, path: string): Listener[] {
  const listeners: Listener[] = [];
  forEachTcpSocket(text, path, ({ state, localAddress, localPort, receiveQueue }) => {
    if (state === TCP_STATE.listen && receiveQueue > 0)
      listeners.push({ address: localAddress, port: localPort, waiting: receiveQueue });
  });
  return listeners.sort((a, b) => b.waiting - a.waiting);
}
