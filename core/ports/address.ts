/** Addresses that no request of Cortex may reach, however they are spelled. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * Metadata services hand out a machine's credentials to whoever asks from inside it: 169.254.169.254 (most clouds;
 * the whole link-local block holds more of them), 100.100.100.200 (Alibaba), 168.63.129.16 (Azure), 192.0.0.192
 * (Oracle), fd00:ec2::/32 (AWS over IPv6).
 */
const FORBIDDEN_V4 = [/^169\.254\./, /^100\.100\.100\.200$/, /^168\.63\.129\.16$/, /^192\.0\.0\.192$/];

/** The eight groups of an IPv6 address as numbers; a dotted tail counts as two groups. */
function ipv6Groups(address: string): number[] | null {
  const bare = address.split("%")[0]!;
  if (!isIPv6(bare)) return null;
  const hex = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(":"),
  );
  const [head, tail] = hex.split("::") as [string, string | undefined];
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => parseInt(group, 16)));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** IPv4 addresses that an IPv6 address carries: mapped, compatible, NAT64 (64:ff9b::/96) and 6to4 (2002::/16). */
function embeddedV4(groups: number[]): string | null {
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  if (groups[0] === 0x2002) return dotted(groups[1]!, groups[2]!);
  const zeros = groups.slice(0, 5).every((group) => group === 0);
  const nat64 = groups[0] === 0x64 && groups[1] === 0xff9b;
  return (zeros && [0, 0xffff].includes(groups[5]!)) || nat64 ? dotted(groups[6]!, groups[7]!) : null;
}

/** True for cloud metadata and link-local addresses. Other private ranges are what checks are for. */
export function isForbiddenAddress(address: string): boolean {
  if (isIPv4(address)) return FORBIDDEN_V4.some((pattern) => pattern.test(address));
  const groups = ipv6Groups(address);
  if (groups === null) return true;
  if (groups[0] === 0xfd00 && groups[1] === 0xec2) return true;
  const inner = embeddedV4(groups);
  return inner !== null && isForbiddenAddress(inner);
}
