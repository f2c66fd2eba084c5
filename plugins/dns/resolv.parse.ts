/** resolv.conf(5) and hosts(5): written by people and by DHCP clients, so that odd lines are skipped as libc does. */

/** MAXNS of resolv.h: libc never asks more than these. */
const MAX_NAMESERVERS = 3;

/** Addresses of the nameservers that are asked, in their order, each once. */
export function parseNameservers(text: string): string[] {
  const servers = text.split("\n").flatMap((line) => {
    const [keyword, address] = line.trim().split(/\s+/);
    return keyword === "nameserver" && address !== undefined && /^[0-9a-fA-F:.]+(%\S+)?$/.test(address)
      ? [address]
      : [];
  });
  return [...new Set(servers.slice(0, MAX_NAMESERVERS))];
}

/** Names under which nobody is found by DNS: RFC 6762, RFC 6761 and the habit of old installers. */
const NOT_IN_DNS = /\.(local|localdomain|localhost|invalid|test|example)$/i;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;

/**
 * The host's full name: what /etc/hostname holds when it has a domain, else the canonical name on the line of /etc/hosts that
 * has the short one. null when there is none, or none that DNS could know.
 */
export function parseOwnName(hostname: string, hosts: string): string | null {
  const short = hostname.trim().split(/\s+/)[0] ?? "";
  const usable = (name: string) => HOST_NAME.test(name) && !NOT_IN_DNS.test(name);
  if (usable(short)) return short.toLowerCase();
  for (const line of hosts.split("\n")) {
    const names = line.replace(/#.*/, "").trim().split(/\s+/).slice(1);
    const full = names.find(usable);
    if (short !== "" && full !== undefined && names.includes(short)) return full.toLowerCase();
  }
  return null;
}
