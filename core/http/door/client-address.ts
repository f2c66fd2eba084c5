/** Whose request it is: the address on the other end, or the one that a trusted proxy vouches for. */
import { isIP } from "node:net";
import { isInRanges, plainAddress } from "../../access/address-ranges.ts";

/** Proxies in a row that are looked at; what is beyond was written by the client. */
const MAX_HOPS = 20;
const WITH_PORT = /^(?:\[([0-9a-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/i;

/**
 * `peer`: the socket's address. Each proxy appends the address it was called from to `X-Forwarded-For`, so the list is read
 * from its end for as long as proxies are trusted; anybody can write what stands before. From other peers the header is
 * ignored.
 */
export function clientAddress(peer: string, headers: Headers, trusted: readonly string[]): string {
  if (trusted.length === 0 || !isInRanges(peer, trusted)) return peer;
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").slice(-MAX_HOPS).toReversed();
  let client = peer;
  for (const hop of hops) {
    const text = hop.trim();
    const [, v6, v4] = WITH_PORT.exec(text) ?? [];
    const address = plainAddress(v6 ?? v4 ?? text);
    if (isIP(address) === 0) return client;
    client = address;
    if (!isInRanges(client, trusted)) return client;
  }
  return client;
}
