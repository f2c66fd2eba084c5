/** /proc/net/netstat and /proc/net/snmp: pairs of lines, names and values, both with the protocol before them. */
import { lineAfter, unreadable, words } from "./text.ts";

/** Counters of one protocol, for example `parseProtocol(text, "TcpExt", path).get("ListenOverflows")`; null when absent. */
export function parseProtocol(text: string, protocol: string, path: string): Map<string, number> | null {
  const names = lineAfter(text, `${protocol}:`);
  if (names === null) return null;
  const rest = text.slice(text.indexOf(`${protocol}:`) + protocol.length + 1);
  const values = lineAfter(rest.slice(rest.indexOf("\n") + 1), `${protocol}:`);
  const keys = words(names);
  const numbers = words(values ?? "");
  if (keys.length !== numbers.length)
    throw unreadable(path, `${protocol} has ${keys.length} names and ${numbers.length} values`);
  const counters = new Map<string, number>();
  for (const [index, key] of keys.entries()) {
    // Some values are signed (RtoMax -1), so only the shape of a number is asked for.
    const value = Number(numbers[index]);
    if (Number.isNaN(value))
      throw unreadable(path, `${protocol} ${key} is "${numbers[index]!.slice(0, 40)}"`);
    counters.set(key, value);
  }
  return counters;
}
