/** What kind of place an address is, however it is spelled: the base of every decision about where a request may go. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * `metadata`: services that hand out a machine's credentials to whoever asks from inside it. `special`: every range of the
 * IANA registries that is neither of the others nor the public Internet (documentation, benchmarks, Teredo, discard, …).
 */
export type AddressKind =
  "public" | "loopback" | "private" | "link_local" | "metadata" | "multicast" | "special";

/**
 * 169.254.169.254 (most clouds; the whole link-local block holds more of them), 100.100.100.200 (Alibaba), 168.63.129.16
 * (Azure), 192.0.0.192 (Oracle), fd00:ec2::/32 (AWS over IPv6).
 */
const METADATA = [
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "fd00:ec2::/32",
].map((range) => ipaddr.parseCIDR(range));

/** Names of ranges in ipaddr.js, after the IANA special-purpose registries. */
const KIND_OF_RANGE: Record<string, AddressKind> = {
  unicast: "public",
  loopback: "loopback",
  // 0.0.0.0 and :: lead to this machine.
  unspecified: "loopback",
  private: "private",
  uniqueLocal: "private",
  carrierGradeNat: "private",
  linkLocal: "link_local",
  multicast: "multicast",
  broadcast: "multicast",
};

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The IPv4 address that an IPv6 one carries: mapped, compatible, NAT64 (64:ff9b::/96) and 6to4 (2002::/16). */
function embedded({ parts }: ipaddr.IPv6): ipaddr.IPv4 | null {
  const dotted = (high = 0, low = 0) => new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
  if (parts[0] === 0x2002) return dotted(parts[1], parts[2]);
  const zeros = parts.slice(0, 5).every((part) => part === 0);
  const compatible = zeros && parts[5] === 0 && (parts[6] !== 0 || parts[7]! > 1);
  const mapped = zeros && parts[5] === 0xffff;
  const nat64 = parts[0] === 0x64 && parts[1] === 0xff9b && parts.slice(2, 6).every((part) => part === 0);
  return compatible || mapped || nat64 ? dotted(parts[6], parts[7]) : null;
}

/** The address without a zone and, where it carries an IPv4 address, that one; null for what is no address. */
function parseAddress(text: string): Address | null {
  const bare = text.split("%")[0]!;
  if (isIP(bare) === 0) return null;
  const address = ipaddr.parse(bare);
  return address.kind() === "ipv6" ? (embedded(address as ipaddr.IPv6) ?? address) : address;
}

const isIn = (address: Address, [base, bits]: [Address, number]): boolean =>
  address.kind() === base.kind() && address.match(base as never, bits);

/** What is no address counts as `special`. */
export function kindOfAddress(text: string): AddressKind {
  const address = parseAddress(text);
  if (address === null) return "special";
  if (METADATA.some((range) => isIn(address, range))) return "metadata";
  return KIND_OF_RANGE[address.range()] ?? "special";
}

/** One address or a range in CIDR form; null when the text is neither. */
export function parseRange(text: string): [Address, number] | null {
  if (isIP(text) !== 0) return [ipaddr.parse(text), isIP(text) === 4 ? 32 : 128];
  return ipaddr.isValidCIDR(text) && isIP(text.split("/")[0]!) !== 0 ? ipaddr.parseCIDR(text) : null;
}

export function isInRange(text: string, range: [Address, number]): boolean {
  const address = parseAddress(text);
  return address !== null && isIn(address, range);
}
