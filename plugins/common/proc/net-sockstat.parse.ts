/** /proc/net/sockstat and sockstat6: sockets in use, `TCP: inuse 4 orphan 0 tw 2 alloc 9 mem 1`. */
import { lineAfter, toCount, words } from "./text.ts";

export interface TcpSockets {
  /** Sockets of this address family that are not in TIME_WAIT, listeners included. */
  inUse: number;
  /** Both families; only sockstat has these. */
  timeWait: number;
  orphans: number;
  /** Pages of memory in TCP buffers of the whole host. */
  memoryPages: number;
}

/** null when the family is absent (IPv6 switched off). */
export function parseTcpSockets(text: string, family: "TCP" | "TCP6", path: string): TcpSockets | null {
  const line = lineAfter(text, `${family}:`);
  if (line === null) return null;
  const tokens = words(line);
  const value = (key: string, fallback?: string) => {
    const at = tokens.indexOf(key);
    return toCount(at === -1 ? fallback : tokens[at + 1], path, `${family} ${key}`);
  };
  return {
    inUse: value("inuse"),
    timeWait: value("tw", "0"),
    orphans: value("orphan", "0"),
    memoryPages: value("mem", "0"),
  };
}
