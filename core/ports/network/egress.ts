/** Where requests may go. Two policies: what the operator's own file names, and what people may enter on a screen. */
import { isInRange, kindOfAddress, parseRange } from "./address.ts";

export interface EgressPolicy {
  /** Why this port is refused; null when it is not. Asked before a name is looked up. */
  refusesPort(host: string, port: number): string | null;
  /** Why this address of `host` is refused; null when it is not. */
  refusesAddress(host: string, address: string, port: number): string | null;
}

/** Checks and links look into the own network: that is what they are for. Metadata services hand out credentials to all. */
export const INSIDE: EgressPolicy = {
  refusesPort: () => null,
  refusesAddress: (_host, address) =>
    kindOfAddress(address) === "metadata" ? `${address}, a metadata or link-local address` : null,
};

/** Ports of other protocols, which would take a request for their own words (WHATWG Fetch, "bad port"). */
const OTHER_PROTOCOLS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

interface Allowed {
  matches(host: string, address: string): boolean;
  port: number | null;
}

/** `10.0.0.0/8`, `192.0.2.7`, `hooks.example.net`, `*.example.net`; each with `:PORT` for that port alone. */
function parseAllowed(text: string): Allowed | null {
  const [, rest = "", digits] = /^(.*?)(?::(\d{1,5}))?$/.exec(isBareIpv6(text) ? "" : text) ?? [];
  const name = isBareIpv6(text) ? text : rest.replaceAll(/^\[|\]$/g, "");
  const port = digits === undefined ? null : Number(digits);
  const range = parseRange(name);
  if (range !== null) return { port, matches: (_host, address) => isInRange(address, range) };
  if (!/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(name)) return null;
  const wanted = name.toLowerCase();
  return {
    port,
    matches: (host) => (wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted),
  };
}

const isBareIpv6 = (text: string) => !text.startsWith("[") && text.split(":").length > 2;

/** Whether an entry of `egress.allow` can be understood. */
export const isAllowEntry = (text: string): boolean => parseAllowed(text) !== null;

/**
 * For destinations that people enter: the public Internet only, and no port of another protocol, unless `allow` names the
 * name or address. Metadata services stay closed in any case.
 */
export function createOutside(allow: () => readonly string[]): EgressPolicy {
  let known = { key: "", entries: [] as Allowed[] };
  const entries = () => {
    const list = allow();
    const key = list.join("\n");
    if (known.key !== key)
      known = { key, entries: list.map(parseAllowed).filter((one): one is Allowed => one !== null) };
    return known.entries;
  };
  const plainName = (host: string) => host.toLowerCase().replace(/\.$/, "");
  const isAllowed = (host: string, address: string, fits: (port: number | null) => boolean) =>
    entries().some((one) => fits(one.port) && one.matches(plainName(host), address));
  return {
    refusesPort(host, port) {
      if (!OTHER_PROTOCOLS.has(port) || isAllowed(host, host, (named) => named === port)) return null;
      return `port ${port} belongs to another protocol; add ${host}:${port} to egress.allow if it is meant`;
    },
    refusesAddress(host, address, port) {
      const kind = kindOfAddress(address);
      if (kind === "public") return null;
      if (kind === "metadata") return `${address}, a metadata service`;
      if (isAllowed(host, address, (named) => named === null || named === port)) return null;
      return `${address}, which is not on the Internet (${kind}); add it to egress.allow if it is meant`;
    },
  };
}
