/** Ranges of addresses in CIDR form, IPv4 and IPv6. An IPv4 address that came in as IPv6 is judged as what it is. */
import { BlockList, isIP } from "node:net";

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** `::ffff:192.0.2.1` → `192.0.2.1`; a zone (`%eth0`) is dropped. */
export function plainAddress(address: string): string {
  const bare = address.split("%")[0]!;
  return MAPPED.exec(bare)?.[1] ?? bare;
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

function parseRange(text: string): { base: string; bits: number } | null {
  const [, base = "", bits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(base);
  if (version === 0) return null;
  const most = version === 4 ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  return length > most ? null : { base, bits: length };
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
export const isAddressRange = (text: string): boolean => parseRange(text) !== null;

/** False for what is no address, whatever the ranges. */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const plain = plainAddress(address);
  if (isIP(plain) === 0) return false;
  const family = familyOf(plain);
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    // BlockList takes IPv4 for a part of ::/0, which nobody means who writes it.
    if (range !== null && familyOf(range.base) === family) list.addSubnet(range.base, range.bits, family);
  }
  return list.check(plain, family);
}

/** What an address is remembered as: an IPv6 host changes the lower half of its address every day. */
export function placeOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail ? tail.split(":") : [];
  const missing = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array<string>(Math.max(0, missing)).fill("0"), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":")}::/64`;
}
