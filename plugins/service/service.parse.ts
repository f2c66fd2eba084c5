/** Pure readings of /proc/net/tcp{,6}, /proc/PID/stat and /etc/passwd. */
import { formatAddress, normalizeAddress } from "../common/proc/net-sockets.parse.ts";

export interface Listener {
  /** Normalized: "127.0.0.1", "::1", "0.0.0.0". */
  address: string;
  port: number;
  inode: number;
}

/** State 0A of include/net/tcp_states.h. */
const TCP_LISTEN = "0A";

/** Listening sockets of a /proc/net/tcp or tcp6 table; the kernel lists them before all connections. */
export function parseListeners(text: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 10) continue;
    if (fields[3] !== TCP_LISTEN) break;
    const [address, port] = fields[1]!.split(":") as [string, string];
    listeners.push({
      address: formatAddress(address),
      port: Number.parseInt(port, 16),
      inode: Number(fields[9]),
    });
  }
  return listeners;
}

/**
 * Would a connection to `address` end at this listener, and would a second listener there fail with "address in use"?
 * A wildcard serves every address of its family, and the IPv6 one serves IPv4 too on a default system.
 */
export function servesAddress(listener: Listener, address: string): boolean {
  const wanted = normalizeAddress(address);
  if (wanted === "0.0.0.0" || wanted === "::" || listener.address === "::") return true;
  return listener.address === wanted || (listener.address === "0.0.0.0" && !wanted.includes(":"));
}

export interface ProcessFields {
  name: string;
  state: string;
  parent: number;
  group: number;
  session: number;
  startTicks: number;
}

/** Of /proc/PID/stat. The name may hold blanks and brackets, so the fields begin after the last `)`. */
export function parseProcess(text: string): ProcessFields | null {
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  const startTicks = Number(fields[19]);
  if (end < 0 || fields.length < 20 || !Number.isSafeInteger(startTicks)) return null;
  return {
    name: text.slice(text.indexOf("(") + 1, end),
    state: fields[0]!,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks,
  };
}

/** Numeric user and primary group of a name in /etc/passwd; null when there is none. */
export function parseUser(passwd: string, name: string): { uid: number; gid: number } | null {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find((entry) => entry[0] === name && entry.length >= 7);
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
}
