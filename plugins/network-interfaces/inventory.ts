/** Which interfaces are hardware, which are bonds of hardware, and which of them the default route needs. */
import { type Clock, type HostFs, isCortexError, type Skipped } from "cortex";
import { parseDefaultRoutes, parseDefaultRoutes6 } from "../common/proc/net-route.parse.ts";

const SYS = "/sys/class/net";

export interface Interface {
  name: string;
  kind: "physical" | "bond";
  wireless: boolean;
}

const matches = (name: string, patterns: readonly string[]) =>
  patterns.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
  );

/**
 * Only hardware has a `device`; bridges, tunnels, veth pairs and what else is virtual go up and down with programs. What an
 * interface is never changes while it exists, so that a host with 300 veth pairs is looked at once.
 */
export function createInventory(
  fs: HostFs,
  exclude: readonly string[],
): () => Promise<Interface[] | Skipped> {
  const known = new Map<string, Interface | null>();

  async function classify(name: string, bonds: Set<string>): Promise<Interface | null> {
    if (matches(name, exclude)) return null;
    if (bonds.has(name)) return { name, kind: "bond", wireless: false };
    if (!(await fs.exists(`${SYS}/${name}/device`))) return null;
    const wireless =
      (await fs.exists(`${SYS}/${name}/wireless`)) || (await fs.exists(`${SYS}/${name}/phy80211`));
    return { name, kind: "physical", wireless };
  }

  return async () => {
    const names = await fs.list(SYS).catch((error: unknown) => {
      if (isCortexError(error) && error.code === "fs.not_found") return null;
      throw error;
    });
    if (names === null)
      return { skipped: "no /sys/class/net: the host's /sys is not mounted below host_root" };
    for (const name of known.keys()) if (!names.includes(name)) known.delete(name);
    const fresh = names.filter((name) => name !== "bonding_masters" && !known.has(name));
    if (fresh.length > 0) {
      const bonds = new Set(((await fs.readTextIfPresent(`${SYS}/bonding_masters`)) ?? "").split(/\s+/));
      for (const name of fresh) known.set(name, await classify(name, bonds));
    }
    const found = [...known.values()].filter((entry) => entry !== null);
    return found.length > 0 ? found : { skipped: "no network interface here is hardware or a bond" };
  };
}

/** A router's table may hold a million routes, so it is not read at every look. */
const ROUTES_REFRESH_MS = 300_000;

/**
 * Interfaces without which the default route is gone: its own, and what lies below it (a bridge's or VLAN's hardware). The
 * last answer stays while there is no default route, because a lost link takes its routes along.
 */
export function createCarriers(fs: HostFs, clock: Clock): () => Promise<Set<string>> {
  let known: { at: number; names: Set<string> } | null = null;

  async function withLower(name: string, found: Set<string>): Promise<void> {
    if (found.has(name)) return;
    found.add(name);
    const entries = await fs.list(`${SYS}/${name}`).catch(() => []);
    for (const entry of entries)
      if (entry.startsWith("lower_")) await withLower(entry.slice("lower_".length), found);
  }

  return async () => {
    const now = clock.monotonic();
    if (known !== null && now - known.at < ROUTES_REFRESH_MS) return known.names;
    const [routes, routes6] = [
      await fs.readTextIfPresent("/proc/net/route"),
      await fs.readTextIfPresent("/proc/net/ipv6_route"),
    ];
    const names = new Set<string>();
    for (const name of [
      ...(routes === null ? [] : parseDefaultRoutes(routes)),
      ...(routes6 === null ? [] : parseDefaultRoutes6(routes6)),
    ])
      await withLower(name, names);
    known = { at: now, names: names.size > 0 || known === null ? names : known.names };
    return known.names;
  };
}
